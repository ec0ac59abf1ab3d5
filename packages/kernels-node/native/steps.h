// The steps of several silos at once.
#pragma once
#include <vector>

#include "select.h"

struct SiloStep {
  Silo silo;
  Memory memory;
  // Of the new subset; not used where it stays as it is.
  uint32_t* mask;
  float* seeds;
  Outcome outcome;
};

// Runs them all, and says of each what it did. After an error no parameters have changed, and where memory was too little
// for what is reserved first, no slots either.
void run_steps(std::vector<SiloStep>& steps);
