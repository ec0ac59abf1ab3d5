#include "silo.h"

#include <algorithm>
#include <cstring>

#include "distance.h"
#include "floats.h"

namespace {

constexpr int64_t STRIDE = 8;

// How many bits of the words come before every so many of them. Returns how many there are in all.
WIDER_VECTORS int64_t count_before(const uint32_t* words, int64_t count, int64_t* before) {
  int64_t bits = 0;
  int64_t word = 0;
  for (; word + STRIDE <= count; word += STRIDE) {
    before[word / STRIDE] = bits;
    for (int i = 0; i < STRIDE; i++) bits += __builtin_popcount(words[word + i]);
  }
  if (word < count) before[word / STRIDE] = bits;
  for (; word < count; word++) bits += __builtin_popcount(words[word]);
  return bits;
}

}  // namespace

WIDER_VECTORS int64_t count_bits(const uint32_t* words, int64_t count) {
  int64_t bits = 0;
  for (int64_t i = 0; i < count; i++) bits += __builtin_popcount(words[i]);
  return bits;
}

int64_t Silo::size() const {
  int64_t sum = 0;
  for (const Member& member : members) sum += member.size;
  return sum;
}

int64_t Silo::count_ranks() {
  const int64_t count = words();
  ranks_.resize((count + STRIDE - 1) / STRIDE);
  return count_before(mask, count, ranks_.data());
}

int64_t Silo::rank_at(int64_t word) const {
  const int64_t before = word / STRIDE * STRIDE;
  return ranks_[word / STRIDE] + count_bits(mask + before, word - before);
}

int Silo::member_at(int64_t word) const {
  const auto after = std::upper_bound(members.begin(), members.end(), word,
                                      [](int64_t value, const Member& member) { return value < member.start; });
  return static_cast<int>(after - members.begin()) - 1;
}

Piece Silo::piece(const Member& member, int64_t word, int64_t words, const float* seed) const {
  const int64_t offset = (word - member.start) * 32;
  const int count = static_cast<int>(std::min<int64_t>(words * 32, member.size - offset));
  Piece piece{count, member.theta + offset, seed, member.gradient + offset, {nullptr, nullptr}, scale};
  for (int j = 0; j < 2; j++) {
    if (member.slots[j]) piece.slots[j] = member.slots[j] + offset;
  }
  return piece;
}

void Silo::fetch(int64_t word) const {
  const Member& member = members[member_at(word)];
  const int64_t offset = (word - member.start) * 32;
  for (const float* row : {member.theta, member.gradient, static_cast<const float*>(member.slots[0]),
                           static_cast<const float*>(member.slots[1])}) {
    if (!row) continue;
    __builtin_prefetch(row + offset);
    __builtin_prefetch(row + offset + 16);
  }
}

void Silo::compute(const Member& member, int64_t word, int64_t words, int64_t rank, Slots slots, Block& block) const {
  const int64_t offset = (word - member.start) * 32;
  const float* theta = member.theta + offset;
  block.count = static_cast<int>(std::min<int64_t>(words * 32, member.size - offset));
  block.seed = theta;
  block.entries = 0;
  for (int64_t i = 0; i < words; i++) {
    for (uint32_t rest = mask[word + i]; rest != 0; rest &= rest - 1) {
      if (block.entries == 0) {
        std::memcpy(block.copy, theta, block.count * sizeof(float));
        block.seed = block.copy;
      }
      // Bit for bit: a float in a register may lose a NaN's payload.
      std::memcpy(&block.copy[i * 32 + __builtin_ctz(rest)], &seeds[rank + block.entries], sizeof(float));
      block.entries++;
    }
  }
  float copies[2][BLOCK];
  Piece piece = this->piece(member, word, words, block.seed);
  for (int j = 0; j < 2; j++) {
    if (!piece.slots[j] || slots != Slots::PREVIEW) continue;
    std::memcpy(copies[j], piece.slots[j], block.count * sizeof(float));
    piece.slots[j] = copies[j];
  }
  block.bad_gradients = propose(settings, numbers, piece, slots != Slots::WRITTEN, block.proposal);
  const float* weights = settings.distance == FISHER ? piece.slots[1]
                         : member.importance         ? member.importance + offset
                                                     : nullptr;
  block.bad_proposals =
      measure(settings.distance, numbers, block.count, block.proposal, block.seed, weights, block.far);
}
