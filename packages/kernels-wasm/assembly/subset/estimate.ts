import {measure} from './distance';
import {INFINITE, Job, MASK, rowAt, SGD, SMALLEST_NORMAL} from './job';
import {countFrom, largest, pad} from './order';
import {fillTail} from './pass';
import {proposeBlock} from './rule';
import {expandSeeds} from './seeds';
import {BLOCK, DISTANCES, PROPOSALS, ZEROS} from './tables';

/** What {@link scan} does with distances. */
const SAMPLE: i32 = 0;
const COARSE: i32 = 1;
const FINE: i32 = 2;

/** Bits of a distance below those that the coarse histogram tells apart; the other 16 are 65,536 bins of 4 bytes. */
const FINE_BITS: i32 = 15;
const HISTOGRAM_BYTES: usize = 4 << 16;
/** A sample is at least so large, where there are as many elements. */
const SAMPLE_SIZE: u32 = 1 << 14;

/** Makes the k-th distance known: the first `quota` elements that lie `threshold` away are chosen, and all beyond. */
export function setKnown(job: Job, threshold: i32, quota: u32): void {
  job.exact = 1;
  job.low = threshold;
  job.high = threshold + 1;
  job.quota = quota;
}

export function setWindow(job: Job, low: i32, high: i32): void {
  job.exact = 0;
  job.low = low;
  job.high = high;
}

/**
 * A window from a sample of the distances: every so many words, in the list's memory. Where the sample is everything,
 * the k-th distance itself. Slots must be updated already.
 *
 * @returns false where too many elements would be in the window
 */
export function estimate(job: Job): bool {
  const list = job.list;
  // Rounded down, the stride may double the sample; the list has room for four floats an entry.
  const sampleWords = min(job.listRoom << 1, max(SAMPLE_SIZE, job.elements >> 6)) >> 5;
  const stride = max(1, job.words / sampleWords);
  const count = scan(job, SAMPLE, stride, 0);
  pad(list, count);
  const positive = countFrom(list, count, SMALLEST_NORMAL);
  if (stride == 1) {
    const rank = min(job.k, positive);
    if (rank == 0) {
      setKnown(job, INFINITE, 0);
    } else {
      const threshold = largest(list, count, rank, SMALLEST_NORMAL, INFINITE + 1, 1);
      setKnown(job, threshold, rank - countFrom(list, count, threshold + 1));
    }
    job.listed = count;
    job.listRank = rank;
    return true;
  }
  const share = <f64>job.k / <f64>job.elements;
  const rank = share * <f64>count;
  const spread = 4 * sqrt(rank * (1 - share)) + 4;
  const first = min(rank - spread, <f64>positive);
  const last = rank + spread;
  const low = last > <f64>positive ? SMALLEST_NORMAL : largest(list, count, <u32>last, SMALLEST_NORMAL, INFINITE + 1, 1);
  const high = first < 1 ? INFINITE + 1 : largest(list, count, <u32>first, low, INFINITE + 1, 1) + 1;
  setWindow(job, low, high);
  const inside = countFrom(list, count, low) - countFrom(list, count, high);
  return (<f64>inside / <f64>count) * <f64>job.elements * 1.25 <= <f64>job.listRoom;
}

/** The k-th distance by a radix histogram: two more scans of everything, in the list's memory. Exact for any input. */
export function histogram(job: Job): void {
  job.listed = 0;
  job.listRank = 0;
  memory.fill(job.list, 0, HISTOGRAM_BYTES);
  const positive = scan(job, COARSE, 1, 0);
  if (positive == 0) return setKnown(job, INFINITE, 0);
  const coarse = binOf(job.list, min(job.k, positive));
  const above = countAbove(job.list, coarse);
  memory.fill(job.list, 0, HISTOGRAM_BYTES);
  scan(job, FINE, 1, coarse);
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
 * Measures every `stride`-th word, from the slots as they are, and puts the distances into the sample, or counts those
 * above zero in the histogram: by their upper bits, or by their lower ones if the upper ones are `coarse`.
 *
 * @returns how many distances there are in the sample, or in the histogram
 */
function scan(job: Job, into: i32, stride: u32, coarse: u32): u32 {
  job.low = SMALLEST_NORMAL;
  const isMask = job.rule == MASK;
  const tables = job.tables;
  let mask = job.mask;
  let rank: u32 = 0;
  let wait: u32 = 0;
  let count: u32 = 0;
  for (let r: u32 = 0; r < job.rowCount; r++) {
    const row = rowAt(job, r);
    let words: u32 = 1;
    for (let i: u32 = 0; i < row.size; i += words << 5, wait -= words) {
      const left = row.size - i;
      words = stride == 1 ? max(1, min(left >> 5, BLOCK)) : 1;
      const isDue = wait == 0;
      let proposals: usize = 0;
      let theta: usize = 0;
      if (isDue) {
        wait = stride == 1 ? words : stride;
        const at: usize = i << 2;
        const tail = left < 32 ? fillTail(job, row) : 0;
        theta = !row.theta ? tables + ZEROS : tail ? tail : row.theta + at;
        proposals = tail ? tail + 128 : row.gradient + at;
        if (job.rule >= SGD) {
          const slot0 = tail ? tail + 256 : row.slot0 + at;
          const slot1 = tail ? tail + 384 : row.slot1 + at;
          const guard = job.nonFiniteGradients != 0;
          proposeBlock(job, false, guard, words << 7, theta, proposals, slot0, slot1, tables + PROPOSALS, mask, rank);
          proposals = tables + PROPOSALS;
        }
      }
      for (let w: u32 = 0; w < words; w++) {
        const old = isMask ? 0 : load<u32>(mask);
        if (isDue) {
          measure(job, proposals, old ? expandSeeds(job, old, rank, theta) : theta, left);
          if (into == SAMPLE) {
            memory.copy(job.list + (count << 2), tables + DISTANCES, 128);
            count += 32;
          } else {
            count += tally(job.list, tables + DISTANCES, into == FINE, coarse);
          }
          proposals += 128;
          if (row.theta) theta += 128;
        }
        mask += 4;
        rank += popcnt(old);
      }
    }
  }
  return count;
}

/** Counts a word's distances in the histogram. Returns how many those are. */
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
