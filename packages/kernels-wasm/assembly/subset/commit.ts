import {Job, seek} from './job';
import {changeAt} from './log';
import {compress, expandSeeds, seedAt} from './seeds';
import {PACKED, ZEROS} from './tables';

/**
 * Brings mask and seeds from the old subset to the new one, in place and without further memory.
 *
 * Seeds that stay move by how many more entries the new subset has before them. As with `memmove`, those that move
 * left are taken from the left and those that move right from the right. A stretch that moves right begins and ends
 * where nothing moves, so that stretches do not overlap.
 *
 * The changes are those of the log. Where it was full, every later word counts as one, and its new bits are where the
 * new value is not the seed: a chosen one differs from it, since a distance of zero is never chosen.
 */
export function commit(job: Job): void {
  job.entered = 0;
  job.left = 0;
  job.seekRow = 0;
  job.seekWord = 0;
  tidyLog(job);
  const count = job.logged + job.words - job.unlogged;
  let shift: i32 = 0;
  let rank = count ? startOf(job, 0, 0) : 0;
  for (let i: u32 = 0; i < count; i++) {
    const old = oldBits(job, i);
    const end = rank + popcnt(old);
    const after = shift + popcnt(newBits(job, i, rank)) - popcnt(old);
    if (after <= 0) {
      change(job, i, rank, rank + shift);
      const next = startOf(job, i + 1, end);
      move(job, end, next, after);
      rank = next;
      shift = after;
      continue;
    }
    // To the end of the stretch, and back.
    let last = i;
    let lastRank = rank;
    let lastEnd = end;
    let sum = after;
    while (sum > 0 && last + 1 < count) {
      lastRank = startOf(job, ++last, lastEnd);
      const lastOld = oldBits(job, last);
      sum += popcnt(newBits(job, last, lastRank)) - popcnt(lastOld);
      lastEnd = lastRank + popcnt(lastOld);
    }
    const resume = startOf(job, last + 1, lastEnd);
    if (sum > 0) move(job, lastEnd, resume, sum);
    let at = lastRank;
    let by = sum;
    for (let j = last; ; j--) {
      const bits = newBits(job, j, at);
      by += popcnt(oldBits(job, j)) - popcnt(bits);
      change(job, j, at, at + by);
      if (j == last && sum < 0) move(job, lastEnd, resume, sum);
      if (j == i) break;
      const previous = j - 1;
      const bitsBefore = popcnt(oldBits(job, previous));
      const start = previous < job.logged ? changeAt(job, previous).rank : at - bitsBefore;
      move(job, start + bitsBefore, at, by);
      at = start;
    }
    i = last;
    rank = resume;
    shift = sum;
  }
  const size = job.oldSize + shift;
  memory.fill(job.seeds + (size << 2), 0, (max(job.oldSize, size) - size) << 2);
}

/** Leaves in the log what does change, and says where a full log ends: `job.unlogged` and what precedes it. */
function tidyLog(job: Job): void {
  const logged = min(job.changed, job.logRoom);
  job.unlogged = job.changed == logged ? job.words : 0;
  job.unloggedRank = job.changed == logged ? job.oldSize : 0;
  let kept: u32 = 0;
  for (let i: u32 = 0; i < logged; i++) {
    const from = changeAt(job, i);
    const old = load<u32>(job.mask + (from.word << 2));
    if (i == logged - 1 && job.changed > logged) {
      job.unlogged = from.word + 1;
      job.unloggedRank = from.rank + popcnt(old);
    }
    if (from.bits == old) continue;
    const to = changeAt(job, kept++);
    to.word = from.word;
    to.bits = from.bits;
    to.rank = from.rank;
  }
  job.logged = kept;
}

function wordOf(job: Job, i: u32): u32 {
  return i < job.logged ? changeAt(job, i).word : job.unlogged + i - job.logged;
}

function oldBits(job: Job, i: u32): u32 {
  return load<u32>(job.mask + (wordOf(job, i) << 2));
}

/** How many entries of the old subset come before a change's word, which where it is not logged is where another ended. */
function startOf(job: Job, i: u32, end: u32): u32 {
  if (i < job.logged) return changeAt(job, i).rank;
  return i == job.logged ? job.unloggedRank : end;
}

function newBits(job: Job, i: u32, rank: u32): u32 {
  if (i < job.logged) return changeAt(job, i).bits;
  const word = wordOf(job, i);
  const old = oldBits(job, i);
  const row = seek(job, word);
  const first = (word - job.seekWord) << 5;
  const theta = row.theta + (first << 2);
  const out = row.out + (first << 2);
  const left = row.size - first;
  let bits: u32 = 0;
  if (left < 32) {
    for (let lane: u32 = 0; lane < left; lane++) {
      const isNew = load<u32>(out + (lane << 2)) != load<u32>(seedAt(job.seeds + (rank << 2), old, lane, theta));
      bits |= <u32>isNew << lane;
    }
    return bits;
  }
  const seeds = old ? expandSeeds(job, old, rank, theta) : theta;
  for (let at: u32 = 0; at < 128; at += 16) {
    bits |= (i32x4.bitmask(i32x4.ne(v128.load(out + at), v128.load(seeds + at))) as u32) << (at >> 2);
  }
  return bits;
}

/** Gives a word its new bits, and moves its seeds from `rank` to `to`. An entry that enters is its own seed. */
function change(job: Job, i: u32, rank: u32, to: u32): void {
  const word = wordOf(job, i);
  const old = oldBits(job, i);
  const bits = newBits(job, i, rank);
  store<u32>(job.mask + (word << 2), bits);
  const entered = popcnt(bits & ~old);
  job.entered += entered;
  job.left += popcnt(old & ~bits);
  if (bits == 0) return;
  if (bits == old) return move(job, rank, rank + popcnt(old), to - rank);

  const packed = job.tables + PACKED;
  const target = job.seeds + (to << 2);
  const size = popcnt(bits);
  let theta = job.tables + ZEROS;
  let left: u32 = 32;
  if (entered != 0) {
    const row = seek(job, word);
    const first = (word - job.seekWord) << 5;
    theta = row.theta + (first << 2);
    left = row.size - first;
  }
  if (size > 8 && left >= 32) {
    compress(job, bits, expandSeeds(job, old, rank, theta));
    copyFloats(target, packed, size);
    return;
  }
  copyFloats(packed, job.seeds + (rank << 2), popcnt(old));
  let at = target;
  for (let rest = bits; rest; rest &= rest - 1, at += 4) {
    store<u32>(at, load<u32>(seedAt(packed, old, ctz(rest), theta)));
  }
}

/** Moves the packed seeds from rank `start` to `end` by `by` places. */
function move(job: Job, start: u32, end: u32, by: i32): void {
  if (by == 0 || start == end) return;
  const offset: usize = by << 2;
  let from = job.seeds + (start << 2);
  let last = job.seeds + (end << 2);
  // Not by `memory.copy`, which takes its time where source and target are a few bytes apart.
  if (by < 0) {
    for (; from + 64 <= last; from += 64) moveSixteen(from, offset);
    for (; from < last; from += 4) store<u32>(from + offset, load<u32>(from));
  } else {
    for (; from + 64 <= last; last -= 64) moveSixteen(last - 64, offset);
    for (; from < last; last -= 4) store<u32>(last - 4 + offset, load<u32>(last - 4));
  }
}

/** Reads all before it writes any: source and target may overlap. */
@inline
function moveSixteen(at: usize, offset: usize): void {
  const a = v128.load(at);
  const b = v128.load(at, 16);
  const c = v128.load(at, 32);
  const d = v128.load(at, 48);
  v128.store(at + offset, a);
  v128.store(at + offset, b, 16);
  v128.store(at + offset, c, 32);
  v128.store(at + offset, d, 48);
}

function copyFloats(to: usize, from: usize, count: u32): void {
  for (; count >= 4; count -= 4, from += 16, to += 16) v128.store(to, v128.load(from));
  for (; count > 0; count--, from += 4, to += 4) store<u32>(to, load<u32>(from));
}
