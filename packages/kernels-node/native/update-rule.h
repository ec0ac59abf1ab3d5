// Proposals by an update rule, rounded as `reference/update-rule.ts` of @subset-tuning/kernels does.
#pragma once
#include "floats.h"
#include "settings.h"

// Some consecutive elements of a tensor, at most a block.
struct Piece {
  int count;
  const float* theta;
  const float* seed;
  // What update rules take; for GIVEN the proposals themselves.
  const float* gradient;
  float* slots[2];
  // A scalar by which gradients are multiplied.
  float scale;
};

// Adam's moments after a gradient.
INLINE float next_first(const Numbers& numbers, float first, float g) { return first + numbers.fresh1 * (g - first); }
INLINE float next_second(const Numbers& numbers, float second, float g) {
  return second * numbers.beta2 + numbers.fresh2 * g * g;
}

// Writes the proposals and, where `update` says so, the slots, which otherwise are those after the step already. Returns
// how many gradients are not finite.
int propose(const Settings& settings, const Numbers& numbers, const Piece& piece, bool update, float* proposal);
