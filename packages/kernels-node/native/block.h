// What a pass computes of some elements at a time, so few that it stays in the first cache.
#pragma once
#include <cstdint>

constexpr int BLOCK = 256;

struct Block {
  // Elements.
  int count;
  // How many of them are in the subset before.
  int entries;
  // How many gradients and proposals are not finite.
  int bad_gradients;
  int bad_proposals;
  // Seeds: the parameters, where none is in the subset before, or a copy.
  const float* seed;
  alignas(64) float copy[BLOCK];
  alignas(64) float proposal[BLOCK];
  // The bits of distances.
  alignas(64) int32_t far[BLOCK];
};
