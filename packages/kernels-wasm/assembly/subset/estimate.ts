import {INFINITE, Job, SMALLEST_NORMAL} from './job';
import {countFrom, largest} from './order';
import {sample} from './sample';

/** A sample from which a window is made has at least so many elements, where there are as many. */
const SAMPLE_SIZE: u32 = 1 << 14;
/** One that only tests a window has at most so many words, and at most one word in so many. */
const PROBE_WORDS: u32 = 64;
const PROBE_STRIDE: u32 = 256;
const LEAST_PROBE: u32 = 32;

/** What {@link probe} says of a window. */
export const GOOD: i32 = 0;
export const OFF: i32 = 1;
export const CROWDED: i32 = 2;

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
 * Tests the window on a small sample, so that no pass is lost to one that surely does not hold the k-th distance, or
 * holds too many.
 *
 * @param fresh as in {@link sample}
 */
export function probe(job: Job, fresh: bool): i32 {
  const words = min(PROBE_WORDS, job.words / PROBE_STRIDE);
  if (job.exact || words < LEAST_PROBE) return GOOD;
  const low = job.low;
  const high = job.high;
  const count = sample(job, job.words / words, fresh);
  setWindow(job, low, high);
  const rank = rankIn(job, count);
  const above = countFrom(job.list, count, high);
  if (above - doubt(job.list, count, high) > rank) return OFF;
  const inside = countFrom(job.list, count, low) - above;
  if (expected(job, inside, count) > 2 * <f64>job.listRoom) return CROWDED;
  // Below the smallest distance that can be chosen the k-th may not be.
  const isLow = above + inside + doubt(job.list, count, low) < rank && low > SMALLEST_NORMAL;
  return isLow ? OFF : GOOD;
}

/**
 * A window from a sample of the distances. Where the sample is everything, the k-th distance itself.
 *
 * @param fresh as in {@link sample}
 * @returns false where too many elements would be in the window
 */
export function estimate(job: Job, fresh: bool): bool {
  const list = job.list;
  // Rounded down, the stride may double the sample; the list has room for four floats an entry.
  const sampleWords = min(job.listRoom << 1, max(SAMPLE_SIZE, max(job.elements >> 8, sizeFor(job)))) >> 5;
  const stride = max(1, job.words / sampleWords);
  const count = sample(job, stride, fresh);
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
  const rank = rankIn(job, count);
  const middle = largest(list, count, max(1, <u32>rank), SMALLEST_NORMAL, INFINITE + 1, 1);
  const spread = doubt(list, count, middle);
  const first = min(rank - spread, <f64>positive);
  const last = rank + spread;
  const low = last > <f64>positive ? SMALLEST_NORMAL : largest(list, count, <u32>last, SMALLEST_NORMAL, INFINITE + 1, 1);
  const high = first < 1 ? INFINITE + 1 : largest(list, count, <u32>first, low, INFINITE + 1, 1) + 1;
  setWindow(job, low, high);
  const inside = countFrom(list, count, low) - countFrom(list, count, high);
  return expected(job, inside, count) * 1.25 <= <f64>job.listRoom;
}

/** How large a sample must be if its window is to fill half of the list, were its elements independent. */
function sizeFor(job: Job): u32 {
  const share = <f64>job.k / <f64>job.elements;
  const ratio = <f64>job.elements / <f64>job.listRoom;
  return <u32>(256 * share * (1 - share) * ratio * ratio);
}

/** Where among a sample's distances the k-th of all is expected. */
function rankIn(job: Job, count: u32): f64 {
  return (<f64>job.k / (<f64>job.words * 32)) * <f64>count;
}

/** How many elements are in the window where `inside` of a sample of `count` are. */
function expected(job: Job, inside: u32, count: u32): f64 {
  return ((<f64>inside / <f64>count) * <f64>job.words) * 32;
}

/**
 * By how much a sample may be wrong about how many distances are `least` or more: four standard deviations, and four for
 * what is rare. Those of one word may be alike, so the deviation is that of words, and since one is drawn of every stretch
 * it is between neighbours: half of what their differences squared add up to (Wolter, Introduction to Variance
 * Estimation, 8.2).
 */
function doubt(list: usize, count: u32, least: i32): f64 {
  let squares: u32 = 0;
  let last: i32 = countFrom(list, 32, least);
  for (const end = list + (count << 2); list < end; list += 128) {
    const inWord: i32 = countFrom(list, 32, least);
    squares += (inWord - last) * (inWord - last);
    last = inWord;
  }
  return 4 * sqrt(<f64>squares / 2) + 4;
}
