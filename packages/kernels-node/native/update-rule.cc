#include "update-rule.h"

#include <cstring>

#include "block.h"
#include "floats.h"

namespace {

// The parameters after decoupled weight decay. Without it they are left bit for bit.
WIDER_VECTORS void decay_piece(const Settings& settings, const Numbers& numbers, const Piece& piece,
                               float* __restrict decayed) {
  const float* theta = piece.theta;
  const float* seed = piece.seed;
  const float keep = numbers.keep, pull = numbers.pull;
  if (settings.decay == TOWARDS_ZERO) {
    for (int i = 0; i < piece.count; i++) decayed[i] = theta[i] * keep;
  } else {
    for (int i = 0; i < piece.count; i++) decayed[i] = theta[i] - pull * (theta[i] - seed[i]);
  }
}

WIDER_VECTORS int propose_sgd(const Numbers& numbers, const Piece& piece, const float* __restrict decayed,
                              float* __restrict proposal) {
  const float* __restrict theta = piece.theta;
  const float* __restrict gradient = piece.gradient;
  const float scale = piece.scale, rate = numbers.rate;
  int bad = 0;
  for (int i = 0; i < piece.count; i++) {
    const float g = gradient[i] * scale;
    const bool fine = is_finite(g);
    const float moved = decayed[i] + rate * g;
    proposal[i] = fine ? moved : theta[i];
    bad += !fine;
  }
  return bad;
}

WIDER_VECTORS int propose_momentum(bool nesterov, const Numbers& numbers, const Piece& piece, bool update,
                                   const float* __restrict decayed, float* __restrict proposal) {
  const float* __restrict theta = piece.theta;
  const float* __restrict gradient = piece.gradient;
  float* __restrict slot = piece.slots[0];
  const float scale = piece.scale, rate = numbers.rate, momentum = numbers.momentum;
  if (update) {
    for (int i = 0; i < piece.count; i++) {
      const float g = gradient[i] * scale;
      const float b = momentum * slot[i] + g;
      slot[i] = is_finite(g) ? b : slot[i];
    }
  }
  int bad = 0;
  for (int i = 0; i < piece.count; i++) {
    const float g = gradient[i] * scale;
    const bool fine = is_finite(g);
    const float direction = nesterov ? g + momentum * slot[i] : slot[i];
    const float moved = decayed[i] + rate * direction;
    proposal[i] = fine ? moved : theta[i];
    bad += !fine;
  }
  return bad;
}

WIDER_VECTORS int propose_adam(const Numbers& numbers, const Piece& piece, bool update, const float* __restrict decayed,
                               float* __restrict proposal) {
  const float* __restrict theta = piece.theta;
  const float* __restrict gradient = piece.gradient;
  float* __restrict first = piece.slots[0];
  float* __restrict second = piece.slots[1];
  const Numbers own = numbers;
  const float scale = piece.scale;
  const float rate = numbers.rate, root2 = numbers.root2, epsilon = numbers.epsilon;
  if (update) {
    for (int i = 0; i < piece.count; i++) {
      const float g = gradient[i] * scale;
      const bool fine = is_finite(g);
      first[i] = fine ? next_first(own, first[i], g) : first[i];
      second[i] = fine ? next_second(own, second[i], g) : second[i];
    }
  }
  int bad = 0;
  for (int i = 0; i < piece.count; i++) {
    const bool fine = is_finite(gradient[i] * scale);
    const float denominator = std::sqrt(second[i]) / root2 + epsilon;
    const float moved = decayed[i] + rate * first[i] / denominator;
    proposal[i] = fine ? moved : theta[i];
    bad += !fine;
  }
  return bad;
}

}  // namespace

int propose(const Settings& settings, const Numbers& numbers, const Piece& piece, bool update, float* proposal) {
  if (settings.rule == GIVEN) {
    std::memcpy(proposal, piece.gradient, piece.count * sizeof(float));
    return 0;
  }
  float buffer[BLOCK];
  const float* decayed = settings.decay == NO_DECAY ? piece.theta : buffer;
  if (settings.decay != NO_DECAY) decay_piece(settings, numbers, piece, buffer);
  switch (settings.rule) {
    case SGD:
      return propose_sgd(numbers, piece, decayed, proposal);
    case MOMENTUM:
      return propose_momentum(settings.nesterov, numbers, piece, update, decayed, proposal);
    default:
      return propose_adam(numbers, piece, update, decayed, proposal);
  }
}
