// What lies far below the window, shown without a root and a division.
#pragma once
#include <cstdint>

#include "settings.h"
#include "update-rule.h"

// What Adam's moments and a parameter are compared with.
struct Bounds {
  bool are_known;
  // How far a proposal must lie in units of the step's size, and by how much a parameter's own size shortens that.
  float reach;
  float share;
  // The square of what is added to the root.
  float square;
};

// The bounds for distances from `low` on. Not known where rule or distance are others, or numbers so large or so small
// that they might mislead.
Bounds find_bounds(const Settings& settings, const Numbers& numbers, int32_t low);

// Updates the slots where `update`, as `propose` does. Writes for each 32 elements whether one of their proposals may lie
// as far from the parameter as the bounds say. Returns how many gradients are not finite, 0 without an update.
int find_near(const Numbers& numbers, const Bounds& bounds, const Piece& piece, bool update, int32_t* near);
