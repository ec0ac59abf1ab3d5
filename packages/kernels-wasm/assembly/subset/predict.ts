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
/** Our own, all of them bits of distances or differences of such: the window, how far the threshold moved at the last */
const LOW: usize = 36;
const HIGH: usize = 40;
const MOVED: usize = 44;
/** and at the last but one selection, and a lower end that let in too many. */
const MOVED_BEFORE: usize = 48;
const CROWD: usize = 52;

/** How far a window reaches where nothing is known of the distances' density: a quarter of an octave. */
const REACH: i32 = 1 << 21;
/** By how much a crowd is thought to sink in a step, an eighth of an octave: it may be gone. */
const SINK: i32 = 1 << 20;

/**
 * The window in which the k-th distance is expected: where {@link learn} put it, moved on as the threshold moved. That
 * is the smaller of its last two moves where they agree in direction, so that it follows a drift and neither a jump nor
 * noise.
 *
 * @returns false where nothing is known: the window is then one that holds nothing finite
 */
export function predict(job: Job): bool {
  const info = job.info;
  if (job.k == 0) {
    setKnown(job, INFINITE, 0);
    return true;
  }
  const low = load<i32>(info, LOW);
  const high = load<i32>(info, HIGH);
  if (low < SMALLEST_NORMAL || high <= low || high > INFINITE + 1) {
    setWindow(job, INFINITE, INFINITE + 1);
    return false;
  }
  const a = load<i32>(info, MOVED);
  const b = load<i32>(info, MOVED_BEFORE);
  const move = a > 0 ? max(0, min(a, b)) : min(0, max(a, b));
  const newHigh = high > INFINITE ? high : clamp(<i64>high + move);
  const newLow = low == SMALLEST_NORMAL ? low : clamp(<i64>low + move);
  setWindow(job, min(newLow, newHigh - 1), newHigh);
  return true;
}

/**
 * Learns from a selection where the next window should be: it reaches an element in 256 down the ranks and as many up,
 * which costs next to nothing, and bears what enters and leaves in a step however far distances move. Where that rank is
 * not among the listed distances the window reaches twice as far as it did.
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
  if (job.k == 0) return;
  store<i32>(info, load<i32>(info, MOVED), MOVED_BEFORE);
  store<i32>(info, before > 0 && threshold > 0 ? threshold - before : 0, MOVED);
  if (threshold == 0) {
    // Let the few that come, if any do, be candidates.
    store<i32>(info, SMALLEST_NORMAL, LOW);
    store<i32>(info, INFINITE + 1, HIGH);
    return;
  }

  const reach = max(64, min(job.listRoom >> 2, min(4 * job.k, job.elements >> 11)));
  const rank = job.listRank;
  let low = SMALLEST_NORMAL;
  if (rank + reach <= job.listed) low = largest(job.list, job.listed, rank + reach, 0, INFINITE + 1);
  else if (job.low > SMALLEST_NORMAL) low = clamp(<i64>threshold - 2 * <i64>(job.listed ? threshold - job.low : REACH));
  const foe = isCrowded ? crowd : load<i32>(info, CROWD) - SINK;
  const isOff = foe > 0 && foe < threshold && rank + reach > job.listed;
  store<i32>(info, foe > 0 ? foe : 0, CROWD);
  store<i32>(info, max(isOff ? max(low, foe + ((threshold - foe) >> 2)) : low, SMALLEST_NORMAL), LOW);

  let high = INFINITE + 1;
  if (rank > reach) high = largest(job.list, job.listed, rank - reach, 0, INFINITE + 1) + 1;
  else if (job.k > reach) high = clamp(<i64>threshold + 2 * <i64>(job.listed ? job.high - threshold : REACH));
  store<i32>(info, high, HIGH);
}

function clamp(bits: i64): i32 {
  return <i32>max(<i64>SMALLEST_NORMAL, min(<i64>INFINITE, bits));
}
