import {measure} from './distance';
import {setKnown} from './estimate';
import {INFINITE, Job, MASK, rowAt, SGD, SMALLEST_NORMAL} from './job';
import {fillTail} from './pass';
import {proposeBlock} from './rule';
import {expandSeeds} from './seeds';
import {BLOCK, DISTANCES, PROPOSALS, ZEROS} from './tables';

/** Bits of a distance below those that the coarse histogram tells apart; the other 16 are 65,536 bins of 4 bytes. */
const FINE_BITS: i32 = 15;
const HISTOGRAM_BYTES: usize = 4 << 16;

/**
 * The k-th distance by a radix histogram: two more scans of everything, in the list's memory. Exact for any input. Slots
 * must be updated already.
 */
export function histogram(job: Job): void {
  job.listed = 0;
  job.listRank = 0;
  const positive = scan(job, false, 0);
  if (positive == 0) return setKnown(job, INFINITE, 0);
  const coarse = binOf(job.list, min(job.k, positive));
  const above = countAbove(job.list, coarse);
  scan(job, true, coarse);
  const rank = min(job.k, positive) - above;
  const fine = binOf(job.list, rank);
  setKnown(job, <i32>((coarse << FINE_BITS) | fine), rank - countAbove(job.list, fine));
}

/** The bin that holds the rank-th largest. */
function binOf(bins: usize, rank: u32): u32 {
  let bin: u32 = 1 << 16;
  let above: u32 = 0;
  do above += load<u32>(bins + (--bin << 2));
  while (above < rank);
  return bin;
}

function countAbove(bins: usize, bin: u32): u32 {
  let above: u32 = 0;
  for (bin++; bin < 1 << 16; bin++) above += load<u32>(bins + (bin << 2));
  return above;
}

/**
 * Counts all distances above zero by their upper bits, or if `isFine` by their lower ones those whose upper ones are
 * `coarse`.
 *
 * @returns how many distances it counted
 */
function scan(job: Job, isFine: bool, coarse: u32): u32 {
  // Every distance counts.
  job.low = SMALLEST_NORMAL;
  memory.fill(job.list, 0, HISTOGRAM_BYTES);
  const tables = job.tables;
  const isMask = job.rule == MASK;
  const guard = job.nonFiniteGradients != 0;
  let mask = job.mask;
  let rank: u32 = 0;
  let count: u32 = 0;
  for (let r: u32 = 0; r < job.rowCount; r++) {
    const row = rowAt(job, r);
    let words: u32 = 1;
    for (let i: u32 = 0; i < row.size; i += words << 5) {
      const left = row.size - i;
      words = max(1, min(left >> 5, BLOCK));
      const at: usize = i << 2;
      const tail = left < 32 ? fillTail(job, row) : 0;
      let theta = !row.theta ? tables + ZEROS : tail ? tail : row.theta + at;
      let proposals = tail ? tail + 128 : row.gradient + at;
      let weights = tail ? tail + 640 : row.weights + at;
      if (job.rule >= SGD) {
        const slot0 = tail ? tail + 256 : row.slot0 + at;
        const slot1 = tail ? tail + 384 : row.slot1 + at;
        proposeBlock(job, false, guard, words << 7, theta, proposals, slot0, slot1, tables + PROPOSALS, mask, rank);
        proposals = tables + PROPOSALS;
        weights = slot1;
      }
      for (let w: u32 = 0; w < words; w++) {
        const old = isMask ? 0 : load<u32>(mask);
        measure(job, proposals, old ? expandSeeds(job, old, rank, theta) : theta, weights, left);
        count += tally(job.list, tables + DISTANCES, isFine, coarse);
        proposals += 128;
        weights += 128;
        if (row.theta) theta += 128;
        mask += 4;
        rank += popcnt(old);
      }
    }
  }
  return count;
}

/** Counts a word's distances. Returns how many those are. */
function tally(bins: usize, distances: usize, isFine: bool, coarse: u32): u32 {
  let count: u32 = 0;
  for (let at: usize = 0; at < 128; at += 16) {
    const four = v128.load(distances + at);
    const upper = i32x4.shr_u(four, FINE_BITS);
    const counts = isFine ? i32x4.eq(upper, i32x4.splat(coarse)) : i32x4.gt_s(four, i32x4.splat(0));
    let lanes: u32 = i32x4.bitmask(counts);
    count += popcnt(lanes);
    for (; lanes; lanes &= lanes - 1) {
      const distance = load<u32>(distances + at + (ctz(lanes) << 2));
      const bin = bins + ((isFine ? distance & ((1 << FINE_BITS) - 1) : distance >> FINE_BITS) << 2);
      store<u32>(bin, load<u32>(bin) + 1);
    }
  }
  return count;
}
