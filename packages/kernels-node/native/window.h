// A guess between which distances the k-th largest lies.
#pragma once
#include <cstdint>

#include "silo.h"

struct Window {
  // The bits of the smallest and of the largest distance in it.
  int32_t low;
  int32_t high;
};

// By a sample of words, as a step will compute them. Of a small silo everything.
Window guess_window(const Silo& silo, uint64_t k);
