// A guess between which distances the k-th largest lies.
#pragma once
#include <cstdint>
#include <optional>

#include "silo.h"

struct Window {
  // The bits of the smallest and of the largest distance in it.
  int32_t low;
  int32_t high;
};

// What a selection leaves to the next one, as bits of distances. Zeros where there was none.
struct Memory {
  // The smallest distance that was chosen.
  int32_t threshold;
  // How far below it the next window begins.
  int32_t reach;
};

// A window by the selection before, where that and how few are to be chosen allow one.
std::optional<Window> predict_window(const Silo& silo, uint64_t k, Memory memory);
// What to remember of a selection with this threshold, and of the window of a sample if one was taken.
Memory learn(Memory before, int32_t threshold, std::optional<Window> sampled);

// By a sample of words: as a step will compute them with PREVIEW, as it has computed them with WRITTEN. Of a small silo
// everything.
Window guess_window(const Silo& silo, uint64_t k, Slots slots);
