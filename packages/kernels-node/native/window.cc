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

}  // namespace

Window guess_window(const Silo& silo, uint64_t k) {
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
    silo.compute(member, word, 1, silo.rank_at(word), Slots::PREVIEW, block);
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
