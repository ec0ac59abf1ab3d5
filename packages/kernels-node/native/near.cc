#include "near.h"

#include <algorithm>
#include <cmath>

#include "floats.h"

// Most elements of a small budget lie far below the window, and Adam's root and division take longer than all the rest of
// a step. The proposal lies c3·m / (√v + c4) from the decayed parameter, where c3 = |rate|·root2 and c4 = epsilon·root2,
// and (√v + c4)² ≥ v + c4². So where
//
//   m² < s²·(v + c4²),   s = (low·(1 − 2⁻¹⁶) − |Θ|·(decay + rounding)) / c3,
//
// the distance is below `low`, whatever rounds: 2⁻²¹ of Θ and 2⁻¹⁶ of the bound are more than all operations on the way
// round by. Such a proposal is also finite, as no such distance is near float32's largest. A comparison with what is no
// number is never true, so that such an element is near.

namespace {

// 2⁻⁶⁰ and 2¹⁰⁰ as bits: beside a window from the one on subnormals are nothing, and from below the other no proposal
// overflows that does not lie in it.
constexpr int32_t LEAST_LOW = 0x21800000, MOST_LOW = 0x71800000;
// Smaller steps might underflow before they are divided, larger ones overflow.
constexpr double LEAST_RATE = 0x1p-60, MOST_RATE = 0x1p60;
constexpr double LEAST_ROOT = 0x1p-16;
// Its square is a float32.
constexpr double MOST_EPSILON = 0x1p60;
constexpr double ROUNDED = 1 - 0x1p-16;
// A smaller bound, or a smaller square, might underflow into a larger one; a larger bound would overflow when squared.
constexpr double LEAST_REACH = 0x1p-50, MOST_REACH = 0x1p63, LEAST_SQUARE = 0x1p-100;
// More than what underflows in a comparison.
constexpr float UNDERFLOW_SLACK = 0x1p-120f;

INLINE int32_t is_near(const Bounds& bounds, float theta, float m, float v) {
  const float rest = bounds.reach - std::fabs(theta) * bounds.share;
  const float s = rest > 0 ? rest : 0.0f;
  const float sum = v + bounds.square;
  // A negative second moment has no root, and a sum that overflows is none.
  return !(m * m + UNDERFLOW_SLACK < s * s * sum) | !(v >= 0) | !(sum < INFINITY);
}

// Says of each 32 elements whether one of them is near.
template <typename IsNear>
INLINE void visit_words(int count, int32_t* __restrict near, const IsNear& is_near_at) {
  int word = 0;
  for (; word < count / 32; word++) {
    int32_t any = 0;
    for (int i = word * 32; i < word * 32 + 32; i++) any |= is_near_at(i);
    near[word] = any;
  }
  if (count % 32 == 0) return;
  near[word] = 0;
  for (int i = word * 32; i < count; i++) near[word] |= is_near_at(i);
}

WIDER_VECTORS void compare(const Bounds& bounds, const Piece& piece, int32_t* __restrict near) {
  const float* __restrict theta = piece.theta;
  const float* __restrict first = piece.slots[0];
  const float* __restrict second = piece.slots[1];
  const Bounds own = bounds;
  visit_words(piece.count, near, [&](int i) { return is_near(own, theta[i], first[i], second[i]); });
}

// The same in one pass with the update, as `propose` does it.
WIDER_VECTORS int update_and_compare(const Numbers& numbers, const Bounds& bounds, const Piece& piece,
                                     int32_t* __restrict near) {
  const float* __restrict theta = piece.theta;
  const float* __restrict gradient = piece.gradient;
  float* __restrict first = piece.slots[0];
  float* __restrict second = piece.slots[1];
  const float scale = piece.scale;
  const Bounds own = bounds;
  const Numbers rule = numbers;
  int bad = 0;
  visit_words(piece.count, near, [&](int i) {
    const float g = gradient[i] * scale;
    const bool fine = is_finite(g);
    const float m = fine ? next_first(rule, first[i], g) : first[i];
    const float v = fine ? next_second(rule, second[i], g) : second[i];
    first[i] = m;
    second[i] = v;
    bad += !fine;
    return is_near(own, theta[i], m, v);
  });
  return bad;
}

}  // namespace

Bounds find_bounds(const Settings& settings, const Numbers& numbers, int32_t low) {
  Bounds bounds{};
  const double rate = std::fabs(numbers.rate), root2 = numbers.root2, c3 = rate * root2;
  if (settings.rule != ADAM || settings.distance != ABSOLUTE || low < LEAST_LOW || low >= MOST_LOW) return bounds;
  if (!(rate >= LEAST_RATE && rate <= MOST_RATE && root2 >= LEAST_ROOT && root2 <= 1)) return bounds;
  if (!(numbers.epsilon >= 0 && numbers.epsilon <= MOST_EPSILON)) return bounds;
  // Decay towards the seed does not move what equals it.
  const double decay = settings.decay == TOWARDS_ZERO ? std::fabs(1.0 - numbers.keep) : 0.0;
  const double reach = __builtin_bit_cast(float, low) * ROUNDED / c3;
  if (!(decay <= 1) || !is_finite(numbers.pull) || reach < LEAST_REACH) return bounds;
  const double epsilon = numbers.epsilon * root2, square = epsilon * epsilon;
  bounds.reach = static_cast<float>(std::min(reach, MOST_REACH));
  bounds.share = static_cast<float>((decay * 1.001 + 0x1p-21) * 1.001 / c3);
  bounds.square = square < LEAST_SQUARE ? 0 : static_cast<float>(square);
  bounds.are_known = true;
  return bounds;
}

int find_near(const Numbers& numbers, const Bounds& bounds, const Piece& piece, bool update, int32_t* near) {
  if (update) return update_and_compare(numbers, bounds, piece, near);
  compare(bounds, piece, near);
  return 0;
}
