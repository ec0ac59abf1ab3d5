import {Job, MASK, SMALLEST_NORMAL} from './job';
import {changeAt} from './log';
import {countFrom, largest, pad} from './order';

/** Bytes of a candidate, which are spread over four arrays of `listRoom` entries each. */
export const CANDIDATE_BYTES: usize = 16;

/**
 * Notes a word's elements in the window, in index order: distance, seed, address of the new value, and place
 * (32 · word + bit). Those beyond `listRoom` are only counted.
 *
 * @param out address of the word's new values
 * @param size bytes of a new value
 */
export function addCandidates(
  job: Job,
  bits: u32,
  distances: usize,
  seeds: usize,
  out: usize,
  size: u32,
  word: u32,
): void {
  let entry = job.list + (job.candidates << 2);
  job.candidates += popcnt(bits);
  if (job.candidates > job.listRoom) return;
  const stride: usize = job.listRoom << 2;
  for (; bits; bits &= bits - 1, entry += 4) {
    const i = ctz(bits);
    store<i32>(entry, load<i32>(distances + (i << 2)));
    store<u32>(entry + stride, load<u32>(seeds + (i << 2)));
    store<u32>(entry + 2 * stride, out + i * size);
    store<u32>(entry + 3 * stride, (word << 5) + i);
  }
}

/**
 * Decides the window's elements once the pass is over. The pass has written them as if they were chosen: those that are
 * not become their seed.
 *
 * @returns the smallest chosen distance's bits, 0 if nothing is chosen, or −1 where the window does not hold it: nothing
 * has been written then
 */
export function decide(job: Job): i32 {
  if (job.exact) return job.chosen ? job.low : 0;
  const candidates = job.candidates;
  if (job.chosen >= job.k || candidates > job.listRoom) return -1;
  let wanted = job.k - job.chosen;
  if (candidates < wanted) {
    // The k-th lies below the window, unless nothing lies there that could be chosen.
    if (job.low > SMALLEST_NORMAL) return -1;
    if (candidates == 0) return job.chosen ? -1 : 0;
    wanted = candidates;
  }
  const list = job.list;
  pad(list, candidates);
  const threshold = largest(list, candidates, wanted, job.low, job.high, 1);
  let ties = wanted - countFrom(list, candidates, threshold + 1);
  job.chosen += wanted;
  job.listed = candidates;
  job.listRank = wanted;

  const stride: usize = job.listRoom << 2;
  const logged = min(job.changed, job.logRoom);
  let change: u32 = 0;
  for (let entry = list, end = list + (candidates << 2); entry < end; entry += 4) {
    const distance = load<i32>(entry);
    const isChosen = distance > threshold || (distance == threshold && ties > 0);
    if (distance == threshold && isChosen) ties--;
    const address = load<usize>(entry + 2 * stride);
    if (!isChosen) {
      if (job.rule == MASK) store<u8>(address, 0);
      else store<u32>(address, load<u32>(entry + stride));
    } else if (job.rule != MASK) {
      const place = load<u32>(entry + 3 * stride);
      while (change < logged && changeAt(job, change).word < place >> 5) change++;
      if (change < logged) changeAt(job, change).bits |= 1 << (place & 31);
    }
  }
  return threshold;
}
