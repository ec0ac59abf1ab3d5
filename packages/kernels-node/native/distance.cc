#include "distance.h"

#include "floats.h"

namespace {

// Without weights.
WIDER_VECTORS void measure_plain(int32_t distance, float eta, int count, const float* __restrict proposal,
                                 const float* __restrict seed, int32_t* __restrict far) {
  const auto difference = [&](int i) { return flush(std::fabs(flush(proposal[i]) - flush(seed[i]))); };
  const auto write = [&](int i, float x) { far[i] = is_finite(proposal[i]) ? bits_of(zero_if_nan(x)) : 0; };
  switch (distance) {
    case RELATIVE:
      for (int i = 0; i < count; i++) write(i, flush(difference(i) / (std::fabs(flush(seed[i])) + eta)));
      break;
    case WEIGHTED:
      for (int i = 0; i < count; i++) write(i, flush(difference(i) * std::fabs(flush(seed[i]))));
      break;
    default:
      for (int i = 0; i < count; i++) write(i, difference(i));
  }
}

WIDER_VECTORS void weigh(int count, const float* __restrict weights, int32_t* __restrict far) {
  for (int i = 0; i < count; i++) {
    const float x = __builtin_bit_cast(float, far[i]) * std::fabs(flush(weights[i]));
    far[i] = bits_of(zero_if_nan(flush(x)));
  }
}

WIDER_VECTORS void weigh_by_root(int count, const float* __restrict second, float root2, int32_t* __restrict far) {
  for (int i = 0; i < count; i++) {
    const float weight = std::sqrt(flush(second[i])) / root2;
    const float x = __builtin_bit_cast(float, far[i]) * std::fabs(flush(weight));
    far[i] = bits_of(zero_if_nan(flush(x)));
  }
}

WIDER_VECTORS int count_bad(int count, const float* __restrict proposal) {
  int bad = 0;
  for (int i = 0; i < count; i++) bad += !is_finite(proposal[i]);
  return bad;
}

}  // namespace

int measure(int32_t distance, const Numbers& numbers, int count, const float* proposal, const float* seed,
            const float* weights, int32_t* far) {
  measure_plain(distance, numbers.eta, count, proposal, seed, far);
  if (distance == FISHER) {
    weigh_by_root(count, weights, numbers.root2, far);
  } else if (weights) {
    weigh(count, weights, far);
  }
  return count_bad(count, proposal);
}

WIDER_VECTORS void find_reaching(int count, const int32_t* __restrict far, int32_t low, uint32_t* __restrict reaching) {
  int word = 0;
  for (; word < count / 32; word++) {
    uint32_t bits = 0;
    for (int i = 0; i < 32; i++) bits |= static_cast<uint32_t>(far[word * 32 + i] >= low) << i;
    reaching[word] = bits;
  }
  if (count % 32 == 0) return;
  reaching[word] = 0;
  for (int i = word * 32; i < count; i++) reaching[word] |= static_cast<uint32_t>(far[i] >= low) << (i % 32);
}
