// The numbers of one step, in the order in which `src/native-step.ts` lays them out.
#pragma once
#include <cstdint>

enum Rule : int32_t { GIVEN, SGD, MOMENTUM, ADAM };
enum Decay : int32_t { NO_DECAY, TOWARDS_ZERO, TOWARDS_SEED };
enum Distance : int32_t { ABSOLUTE, RELATIVE, WEIGHTED, FISHER };

// What an int32 tensor says of each silo.
struct Settings {
  // How many tensors it has.
  int32_t members;
  // Whether parameters are written where they lie, whether there is a weight for each distance, and whether there is a
  // scalar by which gradients are multiplied.
  int32_t in_place;
  int32_t weighed;
  int32_t scaled;
  int32_t rule;
  int32_t decay;
  int32_t nesterov;
  int32_t distance;
  int32_t reselect;
  // The budget: its low 32 bits, then its high ones.
  uint32_t budget[2];

  uint64_t k() const { return budget[0] | static_cast<uint64_t>(budget[1]) << 32; }
};

// What a float32 tensor says of each silo: rounded once, as `reference/update-rule.ts` rounds.
struct Numbers {
  float keep;
  float pull;
  float rate;
  float momentum;
  float fresh1;
  float beta2;
  float fresh2;
  float root2;
  float epsilon;
  float eta;
};
