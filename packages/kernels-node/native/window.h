// A guess between which distances the k-th largest lies.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

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
  // How far below it the next window begins; 0 where a sample should say.
  int32_t reach;
};

// What the pass that chose leaves.
struct Found {
  int32_t threshold;
  // The window in which the threshold lay. None where histograms found it.
  std::optional<Window> window;
  // Whether a sample gave that window.
  bool is_sampled;
  // Distances in the window below the threshold.
  std::vector<int32_t> below;
};

// A window by the selection before, where that and how few are to be chosen allow one.
std::optional<Window> predict_window(const Silo& silo, uint64_t k, Memory memory);
// What to remember of a selection.
Memory learn(const Silo& silo, Memory before, const Found& found);

// By a sample of words: as a step will compute them with PREVIEW, as it has computed them with WRITTEN. Of a small silo
// everything.
Window guess_window(const Silo& silo, uint64_t k, Slots slots);
