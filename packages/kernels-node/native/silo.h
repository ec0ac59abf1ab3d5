// A silo's tensors, laid end to end in words of 32 elements, as in the mask.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "block.h"
#include "settings.h"
#include "update-rule.h"

// How many bits are set.
int64_t count_bits(const uint32_t* words, int64_t count);

// One tensor of a silo. Pointers that the rule does not need are null.
struct Member {
  int64_t size;
  // Its first word in the silo.
  int64_t start;
  const float* theta;
  const float* gradient;
  float* slots[2];
  const float* importance;
  // Where the new parameters go: null where nobody wants them.
  float* output;

  int64_t words() const { return (size + 31) / 32; }
};

// Words from `begin` to before `end`.
struct Words {
  int64_t begin;
  int64_t end;
};

// What a computation does with slots.
enum class Slots {
  // Updates them.
  WRITE,
  // Goes by what they would be, and leaves them.
  PREVIEW,
  // Goes by them: they have been updated.
  WRITTEN,
};

struct Silo {
  Settings settings;
  Numbers numbers;
  float scale;
  std::vector<Member> members;
  // How many threads work on it.
  int threads;
  // The subset before the step.
  const uint32_t* mask;
  const float* seeds;

  int64_t words() const { return members.back().start + members.back().words(); }
  int64_t size() const;

  // Counts the subset before, of which it returns the size. To be called before the methods below.
  int64_t count_ranks();
  // How many entries of the subset before lie before this word.
  int64_t rank_at(int64_t word) const;
  // The member to which a word belongs.
  int member_at(int64_t word) const;

  // Asks the memory for what a word is computed of.
  void fetch(int64_t word) const;

  // Elements of a member, of at most so many words, with their seeds given.
  Piece piece(const Member& member, int64_t word, int64_t words, const float* seed) const;

  // Computes seeds, proposals and distances of at most a block, from a word of a member on, whose entries have ranks from
  // `rank` on.
  void compute(const Member& member, int64_t word, int64_t words, int64_t rank, Slots slots, Block& block) const;

 private:
  // The rank at every so many words.
  std::vector<int64_t> ranks_;
};

// Visits the words in runs of at most a block's, each of one member: visit(member, first word, how many).
template <typename Visit>
void for_each_run(const Silo& silo, Words words, Visit visit) {
  if (words.begin == words.end) return;
  int m = silo.member_at(words.begin);
  for (int64_t word = words.begin; word < words.end;) {
    const Member& member = silo.members[m];
    const int64_t end = std::min(member.start + member.words(), words.end);
    const int64_t count = std::min<int64_t>(end - word, BLOCK / 32);
    if (count == 0) {
      m++;
      continue;
    }
    visit(member, word, count);
    word += count;
  }
}

// Visits the words in blocks: visit(member, first word, block). Ranks must have been counted.
template <typename Visit>
void for_each_block(const Silo& silo, Words words, Slots slots, Visit visit) {
  if (words.begin == words.end) return;
  Block block;
  int64_t rank = silo.rank_at(words.begin);
  for_each_run(silo, words, [&](const Member& member, int64_t word, int64_t count) {
    silo.compute(member, word, count, rank, slots, block);
    visit(member, word, block);
    rank += block.entries;
  });
}
