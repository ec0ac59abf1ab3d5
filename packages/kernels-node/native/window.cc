#include "window.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "floats.h"

namespace {

// Below so many words everything is in the window.
constexpr int64_t SMALL = 512;
constexpr int64_t LEAST = 256;
constexpr int64_t MOST = 2048;
constexpr int64_t SHARE = 64;

// A window that is predicted is open above: only where at most one in so many is chosen, that costs next to nothing.
constexpr uint64_t FEW = 32;
// How far below the threshold it begins: from a 16th of an octave to one.
constexpr int32_t LEAST_REACH = 1 << 19, MOST_REACH = 1 << 23;
// Where a sample's window begins closer below the threshold, distances lie too densely to predict another.
constexpr int32_t DENSE = 1 << 12;

}  // namespace

std::optional<Window> predict_window(const Silo& silo, uint64_t k, Memory memory) {
  const auto [threshold, reach] = memory;
  if (silo.words() < SMALL || k > static_cast<uint64_t>(silo.size()) / FEW) return {};
  if (reach < LEAST_REACH || reach > MOST_REACH || threshold <= reach || threshold > INFINITY_BITS) return {};
  return Window{threshold - reach, INFINITY_BITS};
}

Memory learn(Memory before, int32_t threshold, std::optional<Window> sampled) {
  const bool is_known = before.threshold > 0 && before.reach >= LEAST_REACH && before.reach <= MOST_REACH;
  // It bears twice the sinking of the last step, and forgets a jump slowly.
  int64_t reach = is_known ? 2 * (int64_t{before.threshold} - threshold) : 0;
  if (sampled) {
    const int64_t gap = int64_t{threshold} - sampled->low;
    if (gap < DENSE) return {threshold, 0};
    reach = std::max(reach, 4 * gap);
  } else {
    reach = std::max<int64_t>(reach, before.reach / 2);
  }
  return {threshold, static_cast<int32_t>(std::clamp<int64_t>(reach, LEAST_REACH, MOST_REACH))};
}

Window guess_window(const Silo& silo, uint64_t k, Slots slots) {
  Window window{1, INFINITY_BITS};
  const int64_t words = silo.words();
  if (words < SMALL) return window;
  const int64_t count = std::clamp(words / SHARE, LEAST, MOST);
  std::vector<int32_t> far;
  far.reserve(count * 32);
  Block block;
  int64_t seen = 0;
  uint32_t random = 1;
  for (int64_t i = 0; i < count; i++) {
    // One word out of each stretch, at no fixed distance: rows of a matrix are alike.
    random = random * 1664525u + 1013904223u;
    const int64_t first = words * i / count, length = words * (i + 1) / count - first;
    const int64_t word = first + static_cast<int64_t>(static_cast<uint64_t>(random) * length >> 32);
    const Member& member = silo.members[silo.member_at(word)];
    silo.compute(member, word, 1, silo.rank_at(word), slots, block);
    seen += block.count;
    for (int j = 0; j < block.count; j++) {
      if (block.far[j] > 0) far.push_back(block.far[j]);
    }
  }
  // Neighbours are alike, too, so that the rank in a sample strays farther than that of single elements would.
  const double rank = static_cast<double>(k) * seen / silo.size();
  const double margin = 6 * std::sqrt(rank) + 16;
  const auto at = [&](double place) {
    const auto nth = far.begin() + static_cast<int64_t>(place);
    std::nth_element(far.begin(), nth, far.end(), std::greater<int32_t>());
    return *nth;
  };
  const double length = static_cast<double>(far.size());
  if (rank + margin < length) window.low = at(rank + margin);
  if (rank - margin >= 0 && rank - margin < length) window.high = at(rank - margin);
  return window;
}
