#include "window.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <vector>

#include "floats.h"
#include "threads.h"

namespace {

// Below so many words everything is in the window.
constexpr int64_t SMALL = 512;
constexpr int64_t LEAST = 256;
constexpr int64_t MOST = 2048;
constexpr int64_t SHARE = 64;
// How many words of a sample are on their way from memory.
constexpr int64_t AHEAD = 8;

// A window that is predicted is open above: only where at most one in so many is chosen, that costs next to nothing.
constexpr uint64_t FEW = 32;
// How far below the threshold it begins: from a 16th of an octave to one.
constexpr int32_t LEAST_REACH = 1 << 19, MOST_REACH = 1 << 23;
// Where it would hold an element below the threshold for every so many words, a sample says closer where to begin.
constexpr int64_t WORDS_EACH = 8;

}  // namespace

std::optional<Window> predict_window(const Silo& silo, uint64_t k, Memory memory) {
  const auto [threshold, reach] = memory;
  if (silo.words() < SMALL || k > static_cast<uint64_t>(silo.size()) / FEW) return {};
  if (reach < LEAST_REACH || reach > MOST_REACH || threshold <= reach || threshold > INFINITY_BITS) return {};
  return Window{threshold - reach, INFINITY_BITS};
}

Memory learn(const Silo& silo, Memory before, const Found& found) {
  const auto& [threshold, window, is_sampled, below] = found;
  if (!window) return {threshold, 0};
  // It bears twice the sinking of the last step, and forgets a jump slowly.
  const bool is_known = before.threshold > 0 && before.reach > 0;
  const int64_t sinking = is_known ? 2 * (int64_t{before.threshold} - threshold) : 0;
  const int64_t gap = int64_t{threshold} - window->low;
  const int64_t wanted = std::max(sinking, is_sampled ? gap : int64_t{before.reach} / 2);
  const int32_t reach = static_cast<int32_t>(std::clamp<int64_t>(wanted, LEAST_REACH, MOST_REACH));
  // How many elements it would hold besides, if distances stayed as they are.
  const double count =
      reach > gap ? static_cast<double>(below.size()) * reach / std::max<int64_t>(gap, 1)
                  : std::count_if(below.begin(), below.end(), [&](int32_t far) { return far >= threshold - reach; });
  return {threshold, count * WORDS_EACH <= silo.words() ? reach : 0};
}

Window guess_window(const Silo& silo, uint64_t k, Slots slots) {
  Window window{1, INFINITY_BITS};
  const int64_t words = silo.words();
  if (words < SMALL) return window;
  const int64_t count = std::clamp(words / SHARE, LEAST, MOST);
  std::vector<int64_t> places(count);
  uint32_t random = 1;
  for (int64_t i = 0; i < count; i++) {
    // One word out of each stretch, at no fixed distance: rows of a matrix are alike.
    random = random * 1664525u + 1013904223u;
    const int64_t first = words * i / count, length = words * (i + 1) / count - first;
    places[i] = first + static_cast<int64_t>(static_cast<uint64_t>(random) * length >> 32);
  }
  // By word: zeros past its end.
  std::vector<int32_t> far(count * 32);
  std::atomic<int64_t> seen = 0;
  const int threads = count > LEAST ? silo.threads : 1;
  run_parallel(threads, [&](int part) {
    Block block;
    const int64_t end = count * (part + 1) / threads;
    for (int64_t i = count * part / threads; i < end; i++) {
      if (i + AHEAD < end) silo.fetch(places[i + AHEAD]);
      const Member& member = silo.members[silo.member_at(places[i])];
      silo.compute(member, places[i], 1, silo.rank_at(places[i]), slots, block);
      seen += block.count;
      std::copy_n(block.far, block.count, &far[i * 32]);
    }
  });
  far.erase(std::remove(far.begin(), far.end(), 0), far.end());
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
