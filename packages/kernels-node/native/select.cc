#include "select.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>

#include "distance.h"
#include "floats.h"
#include "near.h"
#include "threads.h"

namespace {

// A silo of fewer words is not worth a second thread.
constexpr int64_t WORDS_PER_THREAD = 1024;
// Where at most one element in so many is chosen, most words lie below the window.
constexpr uint64_t FEW = 16;
constexpr int HIGH_SHIFT = 15;
constexpr int HIGH_COUNT = 1 << 16;
constexpr int LOW_COUNT = 1 << HIGH_SHIFT;

// An element in the window.
struct Candidate {
  // 32 times its word, plus its bit.
  int64_t place;
  int32_t far;
  float proposal;
};

// An element that is chosen, where parameters are written last.
struct Chosen {
  int64_t place;
  float proposal;
};

// What one thread does, apart from what others write.
struct alignas(128) Part {
  Words words;
  // Chosen without a look at other parts, and the smallest distance among them.
  int64_t sure = 0;
  int32_t least = INFINITY_BITS;
  int64_t bad_gradients = 0;
  int64_t bad_proposals = 0;
  std::unique_ptr<Candidate[]> list;
  int64_t capacity = 0;
  int64_t length = 0;
  std::unique_ptr<Chosen[]> kept;
  int64_t kept_capacity = 0;
  int64_t kept_length = 0;
  bool full = false;
  int64_t chosen_count = 0;
  // Where its seeds begin.
  uint64_t first_seed = 0;
  // How many elements at the threshold it may choose.
  int64_t quota = 0;
  std::vector<uint32_t> histogram;
  int64_t entered = 0;
  int64_t left = 0;
};

// In how many parts a silo is worked on.
int part_count(const Silo& silo) {
  return static_cast<int>(std::clamp<int64_t>(silo.words() / WORDS_PER_THREAD, 1, silo.threads));
}

class Selection : public Step {
 public:
  Selection(Silo& silo, Memory& memory, uint32_t* mask, float* seeds)
      : silo_(silo), memory_(memory), mask_(mask), seeds_(seeds), k_(silo.settings.k()) {}

  void reserve() override {
    size_before_ = silo_.count_ranks();
    split();
  }

  void prepare() override {
    const std::optional<Window> predicted = predict_window(silo_, k_, memory_);
    std::optional<Window> sampled;
    if (!predicted) sampled = guess_window(silo_, k_, Slots::PREVIEW);
    std::optional<Window> window = predicted ? predicted : sampled;
    hit_ = choose_within(*window, Slots::WRITE);
    if (!hit_ && predicted) window = sampled = guess_window(silo_, k_, Slots::WRITTEN);
    if (!hit_ && !(predicted && choose_within(*window, Slots::WRITTEN))) {
      window.reset();
      choose_exactly();
    }
    threshold_ = count_chosen();
    // Where fewer than k have moved, no threshold says anything of the next one.
    if (chosen_count_ < k_) window.reset();
    memory_ = learn(silo_, memory_, {threshold_, window, sampled.has_value(), below(threshold_)});
    for (Part& part : parts_) {
      part.list.reset();
      part.histogram = {};
    }
  }

  // Packs the seeds of the new subset, in the order of the mask, and writes the parameters that are still to be written.
  Outcome finish() noexcept override {
    uint64_t first = 0;
    for (Part& part : parts_) {
      part.first_seed = first;
      first += part.chosen_count;
    }
    run_parts([&](Part& part) { pack(part); });
    std::fill(seeds_ + first, seeds_ + std::max<uint64_t>(k_, 1), 0.0f);
    return outcome();
  }

 private:
  template <typename Task>
  void run_parts(Task task) {
    run_parallel(static_cast<int>(parts_.size()), [&](int i) { task(parts_[i]); });
  }

  void split() {
    const int64_t words = silo_.words();
    const int count = part_count(silo_);
    parts_.resize(count);
    for (int i = 0; i < count; i++) {
      Part& part = parts_[i];
      part.words = {words * i / count, words * (i + 1) / count};
      // All that are chosen and an eighth of all elements may be candidates, of a small silo all. What is not used of it
      // takes no memory.
      const int64_t elements = (part.words.end - part.words.begin) * 32;
      const int64_t most = std::min<int64_t>(elements, static_cast<int64_t>(k_));
      part.capacity = std::min<int64_t>(elements, most + elements / 8 + 32 * WORDS_PER_THREAD);
      part.list.reset(new Candidate[part.capacity]);
      part.kept_capacity = silo_.settings.in_place ? most : 0;
      part.kept.reset(new Chosen[part.kept_capacity]);
    }
  }

  // False where the k-th largest is not in the window. Slots are updated all the same.
  bool choose_within(Window window, Slots slots) {
    const Bounds bounds = find_bounds(silo_.settings, silo_.numbers, window.low);
    const bool are_few = k_ <= static_cast<uint64_t>(silo_.size()) / FEW;
    run_parts([&](Part& part) {
      if (bounds.are_known && are_few) {
        pass_quickly(part, window, slots, bounds);
      } else {
        pass(part, window, slots);
      }
    });
    return choose_candidates(window);
  }

  static void begin(Part& part) {
    part.sure = 0;
    part.length = 0;
    part.kept_length = 0;
    part.least = INFINITY_BITS;
    part.full = false;
  }

  // Turns everything into its seed but what lies above the window, and lists what lies in it. Where the part has a quota,
  // chooses so many of that instead.
  void pass(Part& part, Window window, Slots slots, bool by_quota = false) {
    begin(part);
    for_each_block(silo_, part.words, slots, [&](const Member& member, int64_t word, const Block& block) {
      if (slots == Slots::WRITE) {
        part.bad_gradients += block.bad_gradients;
        part.bad_proposals += block.bad_proposals;
      }
      choose(part, window, by_quota, member, word, block);
    });
  }

  // The same, but makes proposals only in words that may hold something of the window, or held something before.
  void pass_quickly(Part& part, Window window, Slots slots, const Bounds& bounds) {
    begin(part);
    if (part.words.begin == part.words.end) return;
    const bool update = slots == Slots::WRITE;
    int64_t rank = silo_.rank_at(part.words.begin);
    Block block;
    for_each_run(silo_, part.words, [&](const Member& member, int64_t first, int64_t count) {
      int32_t near[BLOCK / 32];
      const Piece piece = silo_.piece(member, first, count, nullptr);
      part.bad_gradients += find_near(silo_.numbers, bounds, piece, update, near);
      if (float* output = output_now(member, first)) std::memcpy(output, piece.theta, piece.count * sizeof(float));
      const auto is_near = [&](int64_t i) { return near[i] != 0 || silo_.mask[first + i] != 0; };
      for (int64_t i = 0; i < count; i++) {
        if (!is_near(i)) {
          mask_[first + i] = 0;
          continue;
        }
        int64_t end = i + 1;
        while (end < count && is_near(end)) end++;
        silo_.compute(member, first + i, end - i, rank, Slots::WRITTEN, block);
        if (update) part.bad_proposals += block.bad_proposals;
        choose(part, window, false, member, first + i, block);
        rank += block.entries;
        i = end - 1;
      }
    });
  }

  // Where a pass writes the parameters from a word on. It goes by them as they were, so that in place they are written last.
  float* output_now(const Member& member, int64_t word) const {
    return member.output && !silo_.settings.in_place ? member.output + (word - member.start) * 32 : nullptr;
  }

  void choose(Part& part, Window window, bool by_quota, const Member& member, int64_t word, const Block& block) {
    float* output = output_now(member, word);
    if (output) std::memcpy(output, block.seed, block.count * sizeof(float));
    uint32_t reaching[BLOCK / 32];
    find_reaching(block.count, block.far, window.low, reaching);
    for (int first = 0; first < block.count; first += 32, word++) {
      uint32_t bits = 0;
      for (uint32_t rest = reaching[first / 32]; rest != 0; rest &= rest - 1) {
        const int at = __builtin_ctz(rest), i = first + at;
        const int32_t far = block.far[i];
        if (far <= window.high && !(by_quota && part.quota > 0)) {
          if (!by_quota) list(part, {word * 32 + at, far, block.proposal[i]});
          continue;
        }
        if (far <= window.high) part.quota--;
        bits |= 1u << at;
        if (output) output[i] = block.proposal[i];
        if (silo_.settings.in_place) remember(part, {word * 32 + at, block.proposal[i]});
        part.least = std::min(part.least, far);
        part.sure++;
      }
      mask_[word] = bits;
    }
  }

  static void list(Part& part, Candidate candidate) {
    if (part.length < part.capacity) {
      part.list[part.length++] = candidate;
    } else {
      part.full = true;
    }
  }

  void remember(Part& part, Chosen chosen) const {
    if (part.kept_length < part.kept_capacity) {
      part.kept[part.kept_length++] = chosen;
    } else {
      part.full = true;
    }
  }

  // Chooses among the candidates. False where the k-th largest is not among them.
  bool choose_candidates(Window window) {
    uint64_t sure = 0, listed = 0;
    for (const Part& part : parts_) {
      if (part.full) return false;
      sure += part.sure;
      listed += part.length;
    }
    if (sure > k_ || (sure + listed < k_ && window.low > 1)) return false;
    const uint64_t wanted = std::min(k_ - sure, listed);
    if (wanted == 0) return true;
    std::vector<int32_t> far;
    far.reserve(listed);
    for (const Part& part : parts_) {
      for (int64_t i = 0; i < part.length; i++) far.push_back(part.list[i].far);
    }
    const auto nth = far.begin() + (wanted - 1);
    std::nth_element(far.begin(), nth, far.end(), std::greater<int32_t>());
    const int32_t threshold = *nth;
    // Places grow, and of equal distances the first are chosen.
    uint64_t ties = wanted - std::count_if(far.begin(), nth, [&](int32_t value) { return value > threshold; });
    for (Part& part : parts_) {
      for (int64_t i = 0; i < part.length; i++) {
        const Candidate& candidate = part.list[i];
        if (candidate.far < threshold || (candidate.far == threshold && ties == 0)) continue;
        if (candidate.far == threshold) ties--;
        take(part, candidate);
      }
    }
    parts_[0].least = std::min(parts_[0].least, threshold);
    return true;
  }

  void take(Part& part, const Candidate& candidate) {
    const int64_t word = candidate.place / 32;
    mask_[word] |= 1u << (candidate.place % 32);
    if (silo_.settings.in_place) {
      remember(part, {candidate.place, candidate.proposal});
      return;
    }
    const Member& member = silo_.members[silo_.member_at(word)];
    if (member.output) member.output[candidate.place - member.start * 32] = candidate.proposal;
  }

  // By histograms of all distances: of the high bits, then of the low bits of those that share the high ones.
  void choose_exactly() {
    count([](int32_t far) { return far == 0 ? -1 : far >> HIGH_SHIFT; }, HIGH_COUNT);
    uint64_t above = 0;
    const int high = find(HIGH_COUNT, k_, above);
    int32_t threshold = 1;
    if (high >= 0) {
      count([=](int32_t far) { return far != 0 && far >> HIGH_SHIFT == high ? far & (LOW_COUNT - 1) : -1; }, LOW_COUNT);
      const int low = find(LOW_COUNT, k_, above);
      threshold = high << HIGH_SHIFT | low;
      uint64_t ties = k_ - above;
      for (Part& part : parts_) {
        part.quota = std::min<uint64_t>(ties, part.histogram[low]);
        ties -= part.quota;
      }
    } else {
      // Fewer than k have moved: all are chosen.
      threshold = 0;
    }
    run_parts([&](Part& part) { pass(part, {std::max(threshold, 1), threshold}, Slots::WRITTEN, true); });
  }

  template <typename Bin>
  void count(Bin bin, int bins) {
    for (Part& part : parts_) part.histogram.assign(bins, 0);
    run_parts([&](Part& part) {
      for_each_block(silo_, part.words, Slots::WRITTEN, [&](const Member&, int64_t, const Block& block) {
        for (int i = 0; i < block.count; i++) {
          const int b = bin(block.far[i]);
          if (b >= 0) part.histogram[b]++;
        }
      });
    });
  }

  // The bin in which the k-th largest is, −1 where there are fewer. Adds to `above` what lies in higher bins.
  int find(int bins, uint64_t k, uint64_t& above) const {
    for (int b = bins - 1; b >= 0; b--) {
      uint64_t in_bin = 0;
      for (const Part& part : parts_) in_bin += part.histogram[b];
      if (above + in_bin >= k && in_bin > 0) return b;
      above += in_bin;
    }
    return -1;
  }

  // In place the subset before becomes its seeds and the new one what is proposed; all else is its seed already.
  void pack(Part& part) {
    if (part.words.begin == part.words.end) return;
    const bool in_place = silo_.settings.in_place;
    uint64_t to = part.first_seed;
    int64_t rank = silo_.rank_at(part.words.begin);
    int m = silo_.member_at(part.words.begin);
    for (int64_t word = part.words.begin; word < part.words.end; word++) {
      const uint32_t before = silo_.mask[word], now = mask_[word];
      if ((before | now) == 0) continue;
      while (word >= silo_.members[m].start + silo_.members[m].words()) m++;
      const Member& member = silo_.members[m];
      const int64_t first = (word - member.start) * 32;
      for (uint32_t rest = now; rest != 0; rest &= rest - 1) {
        const uint32_t bit = rest & -rest;
        const float* seed = before & bit ? &silo_.seeds[rank + __builtin_popcount(before & (bit - 1))]
                                         : &member.theta[first + __builtin_ctz(rest)];
        std::memcpy(&seeds_[to++], seed, sizeof(float));
      }
      part.entered += __builtin_popcount(now & ~before);
      part.left += __builtin_popcount(before & ~now);
      for (uint32_t rest = before; rest != 0; rest &= rest - 1, rank++) {
        if (in_place) std::memcpy(&member.output[first + __builtin_ctz(rest)], &silo_.seeds[rank], sizeof(float));
      }
    }
    for (int64_t i = 0; i < part.kept_length; i++) {
      const auto& [place, proposal] = part.kept[i];
      const Member& member = silo_.members[silo_.member_at(place / 32)];
      member.output[place - member.start * 32] = proposal;
    }
  }

  // What is listed below the threshold.
  std::vector<int32_t> below(int32_t threshold) const {
    std::vector<int32_t> far;
    for (const Part& part : parts_) {
      for (int64_t i = 0; i < part.length; i++) {
        if (part.list[i].far < threshold) far.push_back(part.list[i].far);
      }
    }
    return far;
  }

  // Counts what each part has chosen. Gives the smallest distance of it, 0 where it is nothing.
  int32_t count_chosen() {
    int32_t least = INFINITY_BITS;
    chosen_count_ = 0;
    for (Part& part : parts_) {
      least = std::min(least, part.least);
      part.chosen_count = count_bits(mask_ + part.words.begin, part.words.end - part.words.begin);
      chosen_count_ += part.chosen_count;
    }
    return chosen_count_ > 0 ? least : 0;
  }

  Outcome outcome() const {
    Outcome result{0, 0, 0, threshold_, 0, 0, hit_};
    for (const Part& part : parts_) {
      result.entered += part.entered;
      result.left += part.left;
      result.bad_gradients += part.bad_gradients;
      result.bad_proposals += part.bad_proposals;
    }
    result.size = size_before_ + result.entered - result.left;
    return result;
  }

  Silo& silo_;
  Memory& memory_;
  uint32_t* mask_;
  float* seeds_;
  uint64_t k_;
  int64_t size_before_ = 0;
  uint64_t chosen_count_ = 0;
  int32_t threshold_ = 0;
  bool hit_ = false;
  std::vector<Part> parts_;
};

class Keeping : public Step {
 public:
  explicit Keeping(Silo& silo) : silo_(silo) {}

  void reserve() override {
    size_before_ = silo_.count_ranks();
    parts_.resize(part_count(silo_));
  }

  // Nothing is to be chosen: slots are updated with the parameters.
  void prepare() override {}

  Outcome finish() noexcept override {
    const int64_t words = silo_.words(), count = static_cast<int64_t>(parts_.size());
    run_parallel(static_cast<int>(count), [&](int i) { keep(parts_[i], {words * i / count, words * (i + 1) / count}); });
    Outcome outcome{size_before_, 0, 0, 0, 0, 0, false};
    for (const Part& part : parts_) {
      outcome.bad_gradients += part.bad_gradients;
      outcome.bad_proposals += part.bad_proposals;
    }
    return outcome;
  }

 private:
  void keep(Part& part, Words words) {
    for_each_block(silo_, words, Slots::WRITE, [&](const Member& member, int64_t word, const Block& block) {
      part.bad_gradients += block.bad_gradients;
      part.bad_proposals += block.bad_proposals;
      const int64_t offset = (word - member.start) * 32;
      // In place all else is its seed already.
      if (!silo_.settings.in_place) std::memcpy(member.output + offset, block.seed, block.count * sizeof(float));
      for (int first = 0; first < block.count; first += 32, word++) {
        for (uint32_t rest = silo_.mask[word]; rest != 0; rest &= rest - 1) {
          const int i = first + __builtin_ctz(rest);
          // Bit for bit.
          const float* kept = is_finite(block.proposal[i]) ? &block.proposal[i] : &member.theta[offset + i];
          std::memcpy(&member.output[offset + i], kept, sizeof(float));
        }
      }
    });
  }

  Silo& silo_;
  int64_t size_before_ = 0;
  std::vector<Part> parts_;
};

}  // namespace

std::unique_ptr<Step> make_selection(Silo& silo, Memory& memory, uint32_t* mask, float* seeds) {
  return std::make_unique<Selection>(silo, memory, mask, seeds);
}

std::unique_ptr<Step> make_keeping(Silo& silo) { return std::make_unique<Keeping>(silo); }
