#include "ops.h"

#include <algorithm>
#include <cfenv>
#include <cstring>
#include <mutex>
#include <new>

#include "own-memory.h"
#include "select.h"
#include "tensorflow/c/ops.h"
#include "tensors.h"

namespace {

// How many tensors the lists among an op's inputs have.
struct Counts {
  int64_t members = 1;
  // As many as members, or none where parameters are written in place.
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

// Reads settings and numbers, which an op has at these inputs.
void read_numbers(Context& context, int at, Silo& silo) {
  const Tensor settings = context.input(at), numbers = context.input(at + 1);
  if (TF_TensorByteSize(settings.get()) != sizeof(Settings) || TF_TensorByteSize(numbers.get()) != sizeof(Numbers)) {
    throw std::runtime_error("settings or numbers are of another version of the package");
  }
  std::memcpy(&silo.settings, data_of<void>(settings), sizeof(Settings));
  std::memcpy(&silo.numbers, data_of<void>(numbers), sizeof(Numbers));
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

void step(Context& context, const Counts& counts) {
  const int n = static_cast<int>(counts.members), given = static_cast<int>(counts.thetas);
  const auto thetas = context.inputs(0, given), gradients = context.inputs(given, n);
  const auto others = context.inputs(given + n, counts.others);
  const int after = static_cast<int>(given + n + counts.others);
  const auto importances = context.inputs(after, counts.importances);
  int at = static_cast<int>(after + counts.importances);
  const Tensor mask = context.input(at), seeds = context.input(at + 1), info = context.input(at + 2);
  const Tensor sources = context.input(at + 3), keys = context.input(at + 4);
  at += 5;
  const auto scales = context.inputs(at, counts.scales);
  auto own = open_memory(sources, keys, others);
  // Parameters come first, where they are among it.
  const int first_slot = n - given;
  Silo silo{};
  silo.in_place = given == 0;
  read_numbers(context, static_cast<int>(at + counts.scales), silo);
  silo.scale = scales.empty() ? 1 : *data_of<float>(scales[0]);
  silo.mask = data_of<uint32_t>(mask);
  silo.seeds = data_of<float>(seeds);
  std::vector<Tensor> outputs;
  int64_t words = 0;
  for (int i = 0; i < n; i++) {
    if (!silo.in_place) outputs.push_back(context.allocate(i, TF_FLOAT, shape_of(thetas[i])));
    Member member{size_of(gradients[i]),
                  words,
                  silo.in_place ? own.at(i).data() : data_of<float>(thetas[i]),
                  data_of<float>(gradients[i]),
                  {nullptr, nullptr},
                  importances.empty() ? nullptr : data_of<float>(importances[i]),
                  silo.in_place ? own.at(i).data() : data_of<float>(outputs[i])};
    for (int64_t j = 0; j < counts.slots / n; j++) member.slots[j] = own.at(first_slot + j * n + i).data();
    words += member.words();
    silo.members.push_back(member);
  }
  if (words != size_of(mask)) throw std::runtime_error("the mask is not of the silo");
  const bool reselect = silo.settings.reselect;
  const int64_t capacity = std::max<int64_t>(1, silo.settings.k());
  const Tensor new_info = context.allocate(n + 2, TF_INT32, shape_of(info));
  int32_t* said = data_of<int32_t>(new_info);
  std::memcpy(said, data_of<int32_t>(info), TF_TensorByteSize(info.get()));
  Outcome outcome;
  Memory memory{};
  if (reselect) {
    const Tensor new_mask = context.allocate(n, TF_INT32, {words});
    const Tensor new_seeds = context.allocate(n + 1, TF_FLOAT, {capacity});
    memory = {said[3], said[9]};
    outcome = select_subset(silo, memory, data_of<uint32_t>(new_mask), data_of<float>(new_seeds));
  } else {
    context.set(n, mask);
    context.set(n + 1, seeds);
    outcome = keep_subset(silo);
  }
  for (int i = 0; i < static_cast<int>(own.size()); i++) {
    const int output = i < first_slot ? i : n + 3 + i - first_slot;
    context.set(output, own[i].to_tensor(shape_of(gradients[i % n])));
  }
  // `Info` and `Path` of @subset-tuning/kernels.
  said[0] = static_cast<int32_t>(outcome.size);
  said[1] = static_cast<int32_t>(outcome.entered);
  said[2] = static_cast<int32_t>(outcome.left);
  said[4] = static_cast<int32_t>(outcome.bad_gradients);
  said[5] = static_cast<int32_t>(outcome.bad_proposals);
  said[6] = 1;
  if (reselect) {
    said[3] = outcome.threshold;
    said[6] = outcome.hit ? 2 : 3;
    said[outcome.hit ? 7 : 8]++;
    said[9] = memory.reach;
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
  Silo silo{};
  read_numbers(context, static_cast<int>(1 + counts.seeds + counts.importances), silo);
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
  Memory memory{};
  select_subset(silo, memory, mask.data(), nullptr);
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
    register_op("SubsetTuningStep", {"N: int >= 1", "T: int >= 0", "S: int >= 0", "F: int >= 0", "M: int >= 0", "C: int >= 0"},
                {"theta: T * float", "gradient: N * float", "others: F * float", "importance: M * float", "mask: int32",
                 "seeds: float", "info: int32", "sources: int32", "keys: int32", "scale: C * float", "settings: int32",
                 "numbers: float"},
                {"new_theta: N * float", "new_mask: int32", "new_seeds: float", "new_info: int32",
                 "new_slots: S * float"},
                create_step, compute<step>);
    register_op("SubsetTuningHeld", {}, {"key: int32", "shape: int32"}, {"held: float"}, create_held, compute<held>);
    register_op("SubsetTuningTopKMask", {"Y: int >= 0", "M: int >= 0"},
                {"x: float", "y: Y * float", "importance: M * float", "settings: int32", "numbers: float"},
                {"mask: bool"}, create_mask, compute<top_k_mask>);
  });
}
