import type {AdamNumbers, Distance, FusedRule, StepDistance} from './contract.js';

/** The smallest normal float32. Whatever lies nearer to zero counts as zero in a distance. */
export const SMALLEST_NORMAL = 2 ** -126;

/** η of the relative distance where none is given. */
export const DEFAULT_ETA = 1e-8;

/** The distances, for checks and for tests that go through all of them. */
export const DISTANCES: readonly Distance[] = ['absolute', 'relative', 'weighted'];
/** Those of a `SubsetStep`. */
export const STEP_DISTANCES: readonly StepDistance[] = [...DISTANCES, 'fisher'];

/** The distances that a rule can be measured by. */
export function distancesOf({rule}: Pick<FusedRule, 'rule'>): readonly StepDistance[] {
  return rule === 'adam' ? STEP_DISTANCES : DISTANCES;
}

/**
 * How far a proposed value `a` lies from its seed `b`, rounded to float32 after every operation: see {@link Distance}.
 *
 * @param importance by whose size the distance is multiplied, where it is given
 *
 * @example
 * ```ts
 * import {DEFAULT_ETA, distanceBetween} from '@subset-tuning/kernels';
 *
 * distanceBetween(3, -1, 'absolute', DEFAULT_ETA); // 4
 * distanceBetween(3, -1, 'absolute', DEFAULT_ETA, 0.5); // 2
 * ```
 */
export function distanceBetween(a: number, b: number, distance: Distance, eta: number, importance?: number): number {
  if (!Number.isFinite(a)) return 0;
  const far = zeroIfNaN(unweighted(flush(a), flush(b), distance, eta));
  return importance === undefined ? far : zeroIfNaN(flush(Math.fround(far * Math.abs(flush(importance)))));
}

function unweighted(a: number, seed: number, distance: Distance, eta: number): number {
  const difference = flush(Math.abs(Math.fround(a - seed)));
  switch (distance) {
    case 'absolute':
      return difference;
    case 'relative':
      return flush(Math.fround(difference / Math.fround(Math.abs(seed) + Math.fround(eta))));
    case 'weighted':
      return flush(Math.fround(difference * Math.abs(seed)));
  }
}

/** The importance of the distance `fisher`: √v̂ of Adam's second moment v after a step, rounded to float32. */
export function fisherImportance(v: number, {correction2}: Pick<AdamNumbers, 'correction2'>): number {
  return Math.fround(Math.fround(Math.sqrt(flush(v))) / Math.fround(Math.sqrt(correction2)));
}

/** GPUs may take a subnormal for zero; so that all backends choose alike, every backend does. */
function flush(x: number): number {
  return Math.abs(x) < SMALLEST_NORMAL ? 0 : x;
}

/** Only a seed that is not finite, or 0 / 0 where η is 0, leads here. */
function zeroIfNaN(x: number): number {
  return Number.isNaN(x) ? 0 : x;
}
