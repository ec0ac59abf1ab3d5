// How far proposals lie from their seeds: `distance.ts` of @subset-tuning/kernels.
#pragma once
#include <cstdint>

#include "settings.h"

// Writes the bits of each distance, which are ordered as the distances are. `weights` are importances, for FISHER Adam's
// second moments after the step, or null. Returns how many proposals are not finite.
int measure(int32_t distance, const Numbers& numbers, int count, const float* proposal, const float* seed,
            const float* weights, int32_t* far);

// Writes for every 32 distances a bit each: whether it is at least `low`, which is above 0.
void find_reaching(int count, const int32_t* far, int32_t low, uint32_t* reaching);
