// The choice of a silo's subset, and what becomes of its parameters.
#pragma once
#include <cstdint>
#include <memory>

#include "silo.h"
#include "window.h"

// What a step did, as the state's info has it.
struct Outcome {
  int64_t size;
  int64_t entered;
  int64_t left;
  // The bits of the smallest distance that was chosen.
  int32_t threshold;
  int64_t bad_gradients;
  int64_t bad_proposals;
  // Whether one pass was enough.
  bool hit;
};

// A silo's step in parts, so that of several silos all have passed what may fail before anything changes.
class Step {
 public:
  virtual ~Step() = default;
  // Allocates all that is needed but for a few hundred kB of samples, histograms and what the window holds.
  virtual void reserve() = 0;
  // Updates slots, and chooses.
  virtual void prepare() = 0;
  // Writes parameters and seeds. Cannot fail.
  virtual Outcome finish() noexcept = 0;
};

// Chooses the k farthest, of equal ones those that come first. Writes the members' outputs where there are any, the words
// of the new mask, and its seeds, max(1, k) of them. Goes by the memory of the selection before, and brings it up to date.
// Where `seeds` is null there is a mask alone, which `prepare` has written.
std::unique_ptr<Step> make_selection(Silo& silo, Memory& memory, uint32_t* mask, float* seeds);

// Keeps the subset before: writes the members' outputs alone.
std::unique_ptr<Step> make_keeping(Silo& silo);
