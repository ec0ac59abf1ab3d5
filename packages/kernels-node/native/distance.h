// How far proposals lie from their seeds: `distance.ts` of @subset-tuning/kernels.
#pragma once
#include <cstdint>

#include "settings.h"

// Writes the bits of each distance, which are ordered as the distances are. `weights` are importances, for FISHER Adam's
// second moments after the step, or null. Returns how many proposals are not finite.
int measure(int32_t distance, const Numbers& numbers, int count, const float* proposal, const float* seed,
            const float* weights, int32_t* far);

// Writes the largest of every 32 distances.
void find_largest(int count, const int32_t* far, int32_t* largest);
