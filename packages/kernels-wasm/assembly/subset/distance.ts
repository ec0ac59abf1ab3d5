import {ABSOLUTE, BY_FISHER, INFINITE, Job, RELATIVE, SMALLEST_NORMAL, validBits, WEIGHTED} from './job';
import {DISTANCES, MAGNITUDES, ONES} from './tables';

/** From 2⁻⁹⁸ on |a−b| is the same whether a subnormal a or b counts as zero or not: half a unit of it is normal. */
const SAFE: i32 = 0x0e800000;

/** Whether |a−b| as it is decides everything about the window: what subnormals may alter lies below it. */
export function isPlain(job: Job): bool {
  return job.distance == ABSOLUTE && !job.weighed && job.low >= SAFE;
}

/**
 * The distances of a word's proposals from their seeds, into DISTANCES. Counts the proposals that are not finite.
 * Where the window lies above, distances below 2⁻⁹⁸ may be off.
 *
 * @param weights where the word's importances or second moments lie, if distances are weighed
 */
export function measure(job: Job, proposals: usize, seeds: usize, weights: usize, left: u32): void {
  const distances = job.tables + DISTANCES;
  if (job.distance == ABSOLUTE && !job.weighed) {
    const magnitudes = v128.load(job.tables, MAGNITUDES);
    const one = v128.load(job.tables, ONES);
    let most = i32x4.splat(0);
    // Zero is what it is: less one it is the largest.
    let least = i32x4.splat(-1);
    for (let at: usize = 0; at < 128; at += 16) {
      const d = v128.and(f32x4.sub(v128.load(proposals + at), v128.load(seeds + at)), magnitudes);
      most = i32x4.max_s(most, d);
      least = i32x4.min_u(least, i32x4.sub(d, one));
      v128.store(distances + at, d);
    }
    const isTiny = job.low < SAFE && v128.any_true(i32x4.lt_u(least, i32x4.splat(SAFE)));
    if (!isTiny && !v128.any_true(i32x4.ge_s(most, i32x4.splat(INFINITE)))) return;
  }
  const eta = f32x4.splat(job.eta);
  let nonFinite: u32 = 0;
  for (let at: u32 = 0; at < 128; at += 16) {
    const a = v128.load(proposals + at);
    const b = flush(v128.load(seeds + at));
    const finite = f32x4.lt(f32x4.abs(a), i32x4.splat(INFINITE));
    let d = flush(f32x4.abs(f32x4.sub(flush(a), b)));
    if (job.distance == RELATIVE) d = flush(f32x4.div(d, f32x4.add(f32x4.abs(b), eta)));
    if (job.distance == WEIGHTED) d = flush(f32x4.mul(d, f32x4.abs(b)));
    if (job.weighed) d = weigh(job, d, v128.load(weights + at));
    // Not a number only where the seed or a weight is not finite, or 0 / 0: zero then.
    v128.store(distances + at, v128.and(d, v128.and(finite, f32x4.eq(d, d))));
    nonFinite |= (i32x4.bitmask(v128.not(finite)) as u32) << (at >> 2);
  }
  job.nonFiniteProposals += popcnt(nonFinite & validBits(left));
}

/** Distances, none subnormal, times what they are weighed by: importances, or Adam's second moments. */
export function weigh(job: Job, distances: v128, weights: v128): v128 {
  const flushed = flush(weights);
  if (job.weighed != BY_FISHER) return flush(f32x4.mul(distances, f32x4.abs(flushed)));
  return flush(f32x4.mul(distances, f32x4.div(f32x4.sqrt(flushed), f32x4.splat(job.root2))));
}

export function flush(x: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), i32x4.splat(SMALLEST_NORMAL)));
}
