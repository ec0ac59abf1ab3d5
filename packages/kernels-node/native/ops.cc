#include "ops.h"

#include <algorithm>
#include <cfenv>
#include <cstring>
#include <mutex>
#include <new>

#include "own-memory.h"
#include "steps.h"
#include "tensorflow/c/ops.h"
#include "tensors.h"
#include "threads.h"

namespace {

// How many tensors the lists among an op's inputs have.
struct Counts {
  int64_t silos = 1;
  // Of all silos together.
  int64_t members = 1;
  // Of those silos whose parameters are not written in place.
  int64_t thetas = 0;
  int64_t slots = 0;
  // Of what is written in place, tensors that are not in memory of ours.
  int64_t others = 0;
  int64_t importances = 0;
  int64_t scales = 0;
  int64_t seeds = 0;
};

int64_t count_of(TF_OpKernelConstruction* construction, const char* name, const Status& status) {
  int64_t value = 0;
  TF_OpKernelConstruction_GetAttrInt64(construction, name, &value, status.get());
  return value;
}

template <typename Read>
void* create(TF_OpKernelConstruction* construction, Read read) {
  auto counts = std::make_unique<Counts>();
  const Status status(TF_NewStatus());
  read(*counts, status);
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction, status.get());
  return counts.release();
}

void* create_step(TF_OpKernelConstruction* construction) {
  return create(construction, [&](Counts& counts, const Status& status) {
    counts.silos = count_of(construction, "G", status);
    counts.members = count_of(construction, "N", status);
    counts.thetas = count_of(construction, "T", status);
    counts.slots = count_of(construction, "S", status);
    counts.others = count_of(construction, "F", status);
    counts.importances = count_of(construction, "M", status);
    counts.scales = count_of(construction, "C", status);
  });
}

void* create_mask(TF_OpKernelConstruction* construction) {
  return create(construction, [&](Counts& counts, const Status& status) {
    counts.seeds = count_of(construction, "Y", status);
    counts.importances = count_of(construction, "M", status);
  });
}

void* create_held(TF_OpKernelConstruction*) { return new Counts; }

void remove(void* counts) { delete static_cast<Counts*>(counts); }

// Reads settings and numbers, which an op has at these inputs: as many of each as there are silos.
void read_numbers(Context& context, int at, std::vector<SiloStep>& steps) {
  const Tensor settings = context.input(at), numbers = context.input(at + 1);
  if (TF_TensorByteSize(settings.get()) != steps.size() * sizeof(Settings) ||
      TF_TensorByteSize(numbers.get()) != steps.size() * sizeof(Numbers)) {
    throw std::runtime_error("settings or numbers are of another version of the package");
  }
  for (size_t i = 0; i < steps.size(); i++) {
    std::memcpy(&steps[i].silo.settings, data_of<Settings>(settings) + i, sizeof(Settings));
    std::memcpy(&steps[i].silo.numbers, data_of<Numbers>(numbers) + i, sizeof(Numbers));
  }
}

// The memory of what is written in place: by key, or copied from the others among the inputs. `sources` has a key each or
// −1, `keys` those of new memory.
std::vector<OwnMemory> open_memory(const Tensor& sources, const Tensor& keys, const std::vector<Tensor>& others) {
  std::vector<OwnMemory> all;
  size_t next = 0;
  for (int64_t i = 0; i < size_of(sources); i++) {
    const int32_t source = data_of<int32_t>(sources)[i];
    if (source >= 0) {
      all.emplace_back(source);
    } else {
      all.emplace_back(data_of<int32_t>(keys)[i], others.at(next++));
    }
  }
  return all;
}

// `Info` and `Path` of @subset-tuning/kernels.
void say(const SiloStep& step, int32_t* said) {
  const Outcome& outcome = step.outcome;
  said[0] = static_cast<int32_t>(outcome.size);
  said[1] = static_cast<int32_t>(outcome.entered);
  said[2] = static_cast<int32_t>(outcome.left);
  said[4] = static_cast<int32_t>(outcome.bad_gradients);
  said[5] = static_cast<int32_t>(outcome.bad_proposals);
  said[6] = 1;
  if (!step.silo.settings.reselect) return;
  said[3] = outcome.threshold;
  said[6] = outcome.hit ? 2 : 3;
  said[outcome.hit ? 7 : 8]++;
  said[9] = step.memory.reach;
}

// How many slots a rule has for each parameter.
int slot_count(int32_t rule) { return rule == ADAM ? 2 : rule == MOMENTUM ? 1 : 0; }

// Each list of inputs and outputs goes from silo to silo, and of what is written in place each silo has its parameters, if
// they are, before its slots.
void step(Context& context, const Counts& counts) {
  int at = 0;
  const auto next = [&](int64_t count) {
    at += static_cast<int>(count);
    return context.inputs(at - static_cast<int>(count), count);
  };
  const auto thetas = next(counts.thetas), gradients = next(counts.members), others = next(counts.others);
  const auto importances = next(counts.importances), masks = next(counts.silos), seeds = next(counts.silos);
  const auto infos = next(counts.silos), memory = next(2), scales = next(counts.scales);
  std::vector<SiloStep> steps(counts.silos);
  read_numbers(context, at, steps);
  auto own = open_memory(memory[0], memory[1], others);

  const int first_mask = static_cast<int>(counts.members), first_seeds = first_mask + static_cast<int>(counts.silos);
  const int first_info = first_seeds + static_cast<int>(counts.silos);
  int next_slot = first_info + static_cast<int>(counts.silos);
  // What is written besides, in TensorFlow's own memory.
  std::vector<Tensor> kept;
  const auto allocate = [&](int output, TF_DataType type, const std::vector<int64_t>& shape) {
    kept.push_back(context.allocate(output, type, shape));
    return TF_TensorData(kept.back().get());
  };
  // Which output each piece of own memory becomes.
  std::vector<int> becomes;
  std::vector<int> shaped_like;
  int member = 0, theta = 0, importance = 0, scale = 0;
  for (int g = 0; g < static_cast<int>(counts.silos); g++) {
    Silo& silo = steps[g].silo;
    const Settings& settings = silo.settings;
    const int first = member, slots = slot_count(settings.rule);
    const int first_own = static_cast<int>(becomes.size()), first_slot = first_own + settings.in_place * settings.members;
    silo.scale = settings.scaled ? *data_of<float>(scales.at(scale++)) : 1;
    silo.mask = data_of<uint32_t>(masks[g]);
    silo.seeds = data_of<float>(seeds[g]);
    int64_t words = 0;
    for (int i = 0; i < settings.members; i++, member++) {
      const Tensor& gradient = gradients.at(member);
      float* place = settings.in_place ? own.at(first_own + i).data()
                                       : static_cast<float*>(allocate(member, TF_FLOAT, shape_of(thetas.at(theta))));
      Member made{size_of(gradient),
                  words,
                  settings.in_place ? place : data_of<float>(thetas.at(theta)),
                  data_of<float>(gradient),
                  {nullptr, nullptr},
                  settings.weighed ? data_of<float>(importances.at(importance++)) : nullptr,
                  place};
      for (int j = 0; j < slots; j++) made.slots[j] = own.at(first_slot + j * settings.members + i).data();
      if (!settings.in_place) theta++;
      words += made.words();
      silo.members.push_back(made);
    }
    if (words != size_of(masks[g])) throw std::runtime_error("the mask is not of the silo");
    for (int i = 0; i < (settings.in_place + slots) * settings.members; i++) {
      const bool is_parameter = i < settings.in_place * settings.members;
      becomes.push_back(is_parameter ? first + i : next_slot++);
      shaped_like.push_back(first + i % settings.members);
    }
    const int32_t* said = data_of<int32_t>(infos[g]);
    steps[g].memory = {said[3], said[9]};
    if (settings.reselect) {
      steps[g].mask = static_cast<uint32_t*>(allocate(first_mask + g, TF_INT32, {words}));
      const int64_t capacity = std::max<int64_t>(1, settings.k());
      steps[g].seeds = static_cast<float*>(allocate(first_seeds + g, TF_FLOAT, {capacity}));
    } else {
      context.set(first_mask + g, masks[g]);
      context.set(first_seeds + g, seeds[g]);
    }
  }
  std::vector<int32_t*> new_infos;
  for (int g = 0; g < static_cast<int>(counts.silos); g++) {
    new_infos.push_back(static_cast<int32_t*>(allocate(first_info + g, TF_INT32, shape_of(infos[g]))));
  }

  run_steps(steps);

  for (size_t i = 0; i < own.size(); i++) context.set(becomes[i], own[i].to_tensor(shape_of(gradients[shaped_like[i]])));
  for (int g = 0; g < static_cast<int>(counts.silos); g++) {
    std::memcpy(new_infos[g], data_of<int32_t>(infos[g]), TF_TensorByteSize(infos[g].get()));
    say(steps[g], new_infos[g]);
  }
}

// A tensor over memory that is held.
void held(Context& context, const Counts&) {
  const Tensor key = context.input(0), shape = context.input(1);
  const int32_t* lengths = data_of<int32_t>(shape);
  OwnMemory memory(*data_of<int32_t>(key));
  context.set(0, memory.to_tensor({lengths, lengths + size_of(shape)}));
}

void top_k_mask(Context& context, const Counts& counts) {
  const Tensor x = context.input(0);
  const auto seeds = context.inputs(1, counts.seeds);
  const auto importances = context.inputs(1 + static_cast<int>(counts.seeds), counts.importances);
  std::vector<SiloStep> steps(1);
  read_numbers(context, static_cast<int>(1 + counts.seeds + counts.importances), steps);
  Silo& silo = steps[0].silo;
  const int64_t size = size_of(x);
  const Tensor output = context.allocate(0, TF_BOOL, shape_of(x));
  const std::unique_ptr<float, decltype(&std::free)> zeros(
      seeds.empty() ? static_cast<float*>(std::calloc(size, sizeof(float))) : nullptr, &std::free);
  if (seeds.empty() && !zeros) throw std::bad_alloc();
  silo.members.push_back({size,
                          0,
                          seeds.empty() ? zeros.get() : data_of<float>(seeds[0]),
                          data_of<float>(x),
                          {nullptr, nullptr},
                          importances.empty() ? nullptr : data_of<float>(importances[0]),
                          nullptr});
  const std::vector<uint32_t> none(silo.words());
  silo.mask = none.data();
  std::vector<uint32_t> mask(silo.words());
  silo.threads = thread_count();
  Memory memory{};
  const auto selection = make_selection(silo, memory, mask.data(), nullptr);
  selection->reserve();
  selection->prepare();
  bool* chosen = data_of<bool>(output);
  for (int64_t i = 0; i < size; i++) chosen[i] = mask[i / 32] >> (i % 32) & 1;
}

template <void (*Body)(Context&, const Counts&)>
void compute(void* counts, TF_OpKernelContext* op) {
  Context context(op);
  // Subnormals as they are, whatever TensorFlow does with them on this thread.
  std::fenv_t before;
  std::fegetenv(&before);
  std::fesetenv(FE_DFL_ENV);
  try {
    Body(context, *static_cast<Counts*>(counts));
  } catch (const std::bad_alloc&) {
    context.fail(TF_RESOURCE_EXHAUSTED, "no memory is left for a step of subset tuning");
  } catch (const std::exception& error) {
    context.fail(TF_INVALID_ARGUMENT, error.what());
  }
  std::fesetenv(&before);
}

using Specs = std::vector<const char*>;

void register_op(const char* name, const Specs& attrs, const Specs& inputs, const Specs& outputs,
                 void* (*create)(TF_OpKernelConstruction*), void (*compute)(void*, TF_OpKernelContext*)) {
  const Status status(TF_NewStatus());
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder(name);
  for (const char* spec : attrs) TF_OpDefinitionBuilderAddAttr(op, spec);
  for (const char* spec : inputs) TF_OpDefinitionBuilderAddInput(op, spec);
  for (const char* spec : outputs) TF_OpDefinitionBuilderAddOutput(op, spec);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, &TF_ShapeInferenceContextSetUnknownShape);
  // It writes into memory of ours.
  TF_OpDefinitionBuilderSetIsStateful(op, true);
  TF_RegisterOpDefinition(op, status.get());
  check(status);
  TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", create, compute, remove), status.get());
  check(status);
}

}  // namespace

void register_ops() {
  static std::once_flag once;
  std::call_once(once, [] {
    register_op("SubsetTuningSteps",
                {"G: int >= 1", "N: int >= 1", "T: int >= 0", "S: int >= 0", "F: int >= 0", "M: int >= 0", "C: int >= 0"},
                {"theta: T * float", "gradient: N * float", "others: F * float", "importance: M * float",
                 "mask: G * int32", "seeds: G * float", "info: G * int32", "sources: int32", "keys: int32",
                 "scale: C * float", "settings: int32", "numbers: float"},
                {"new_theta: N * float", "new_mask: G * int32", "new_seeds: G * float", "new_info: G * int32",
                 "new_slots: S * float"},
                create_step, compute<step>);
    register_op("SubsetTuningHeld", {}, {"key: int32", "shape: int32"}, {"held: float"}, create_held, compute<held>);
    register_op("SubsetTuningTopKMask", {"Y: int >= 0", "M: int >= 0"},
                {"x: float", "y: Y * float", "importance: M * float", "settings: int32", "numbers: float"},
                {"mask: bool"}, create_mask, compute<top_k_mask>);
  });
}
