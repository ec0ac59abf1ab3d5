import {setKnown, setWindow} from './estimate';
import {INFINITE, Job, SMALLEST_NORMAL} from './job';
import {largest} from './order';

/** Places in the state's `info`, in bytes: those of the contract. */
export const SIZE: usize = 0;
export const ENTERED: usize = 4;
export const LEFT: usize = 8;
const THRESHOLD: usize = 12;
export const NON_FINITE_GRADIENTS: usize = 16;
export const NON_FINITE_PROPOSALS: usize = 20;
export const PATH: usize = 24;
export const HITS: usize = 28;
export const MISSES: usize = 32;
/**
 * Our own, all of them distances as bits or differences of such: the window's ends, how far the threshold moved at the last
 * and the last but one selection, and a lower end that let in too many.
 */
const LOW: usize = 36;
const HIGH: usize = 40;
const MOVED: usize = 44;
const MOVED_BEFORE: usize = 48;
const CROWD: usize = 52;

/** How far a window reaches where nothing is known of the distances' density: a quarter of an octave. */
const REACH: i32 = 1 << 21;
/** How well an end's rank is met: to a thousandth of an octave. */
const ERROR: i32 = 1 << 13;
/** How far an end goes further out, at least and at most: a 128th of an octave, and half of one. */
const LEAST_STEP: i32 = 1 << 16;
const MOST_STEP: i32 = 1 << 22;
/** By how much a crowd is thought to sink in a step, an eighth of an octave: it may be gone. */
const SINK: i32 = 1 << 20;

/**
 * The window in which the k-th distance is expected: where {@link learn} put it, moved on as the threshold moved.
 *
 * @returns false where nothing is known
 */
export function predict(job: Job): bool {
  if (job.k == 0) {
    setKnown(job, INFINITE, 0);
    return true;
  }
  const info = job.info;
  const low = load<i32>(info, LOW);
  const high = load<i32>(info, HIGH);
  if (low < SMALLEST_NORMAL || high <= low || high > INFINITE + 1) {
    return false;
  }
  const move = drift(info);
  const newHigh = high > INFINITE ? high : clamp(<i64>high + move);
  const newLow = low == SMALLEST_NORMAL ? low : clamp(<i64>low + move);
  setWindow(job, min(newLow, newHigh - 1), newHigh);
  return true;
}

/** The smaller of the last two moves where they agree in direction: it follows a drift and neither a jump nor noise. */
function drift(info: usize): i32 {
  const a = load<i32>(info, MOVED);
  const b = load<i32>(info, MOVED_BEFORE);
  return a > 0 ? max(0, min(a, b)) : min(0, max(a, b));
}

/**
 * Learns from a selection where the next window should be. It reaches so many ranks down from the k-th distance, and up,
 * that it bears what enters and leaves in a step however far distances move, and costs next to nothing. Where that rank
 * is not among the listed distances the window reaches as far as it did, or further.
 *
 * A lower end that let in too many is remembered, as when everything that is not chosen lies one learning rate away: the
 * next stays off.
 *
 * @param threshold the smallest chosen distance, 0 if there was none
 * @param isCrowded whether too many were in the predicted window, of which `crowd` is the lower end
 */
export function learn(job: Job, threshold: i32, isCrowded: bool, crowd: i32): void {
  const info = job.info;
  const before = load<i32>(info, THRESHOLD);
  store<i32>(info, threshold, THRESHOLD);
  store<i32>(info, load<i32>(info, MOVED), MOVED_BEFORE);
  store<i32>(info, before > 0 && threshold > 0 ? threshold - before : 0, MOVED);
  if (job.k == 0) return;
  if (threshold == 0) {
    // Let the few that come, if any do, be candidates.
    store<i32>(info, SMALLEST_NORMAL, LOW);
    store<i32>(info, INFINITE + 1, HIGH);
    return;
  }
  const isShrinking = load<u32>(info, SIZE) > job.k;
  const least = max(1024, max(job.elements >> 12, isShrinking ? job.k >> 2 : 0));
  const reach: u32 = max(256, min(job.listRoom >> 2, min(4 * job.k, least)));
  // Listed are all distances (the sample was everything), those of the window, or none (the histogram).
  const list = job.list;
  const listed = job.listed;
  const rank = job.listRank;

  const hasLow = rank + reach <= listed;
  let low = SMALLEST_NORMAL;
  if (hasLow) low = largest(list, listed, rank + reach, 0, INFINITE + 1, ERROR);
  else if (!listed) low = clamp(<i64>threshold - REACH);
  else if (!job.exact && job.low > low) low = clamp(<i64>job.low - further(listed - rank, reach, threshold - job.low));
  const foe = isCrowded ? crowd : load<i32>(info, CROWD) - SINK;
  store<i32>(info, max(foe, 0), CROWD);
  if (!hasLow && foe > 0 && foe < threshold) low = max(low, foe + ((threshold - foe) >> 2));
  store<i32>(info, max(low, SMALLEST_NORMAL), LOW);

  const hasHigh = rank > reach;
  let high = INFINITE + 1;
  if (hasHigh) high = largest(list, listed, rank - reach, 0, INFINITE + 1, ERROR) + 1;
  else if (!listed) high = clamp(<i64>threshold + REACH);
  else if (job.k > reach) high = clamp(<i64>job.high + further(rank, reach, job.high - threshold));
  store<i32>(info, high, HIGH);
}

/** How far out an end goes that took in less than its share: a quarter further, or twice as far if it was not half of it. */
function further(count: u32, reach: u32, distance: i32): i32 {
  return max(LEAST_STEP, min(MOST_STEP, count << 1 < reach ? distance : distance >> 2));
}

function clamp(bits: i64): i32 {
  return <i32>max(<i64>SMALLEST_NORMAL, min(<i64>INFINITE, bits));
}
