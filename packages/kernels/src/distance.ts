import type {Distance} from './contract.js';

/** The smallest normal float32. Whatever lies nearer to zero counts as zero in a distance. */
export const SMALLEST_NORMAL = 2 ** -126;

/** η of the relative distance where none is given. */
export const DEFAULT_ETA = 1e-8;

/** The distances, for checks and for tests that go through all of them. */
export const DISTANCES: readonly Distance[] = ['absolute', 'relative', 'weighted'];

/**
 * How far a proposed value `a` lies from its seed `b`, rounded to float32 after every operation: see {@link Distance}.
 *
 * @example
 * ```ts
 * import {DEFAULT_ETA, distanceBetween} from '@subset-tuning/kernels';
 *
 * distanceBetween(3, -1, 'absolute', DEFAULT_ETA); // 4
 * ```
 */
export function distanceBetween(a: number, b: number, distance: Distance, eta: number): number {
  if (!Number.isFinite(a)) return 0;
  const seed = flush(b);
  const difference = flush(Math.abs(Math.fround(flush(a) - seed)));
  switch (distance) {
    case 'absolute':
      return zeroIfNaN(difference);
    case 'relative':
      return zeroIfNaN(flush(Math.fround(difference / Math.fround(Math.abs(seed) + Math.fround(eta)))));
    case 'weighted':
      return zeroIfNaN(flush(Math.fround(difference * Math.abs(seed))));
  }
}

/** GPUs may take a subnormal for zero; so that all backends choose alike, every backend does. */
function flush(x: number): number {
  return Math.abs(x) < SMALLEST_NORMAL ? 0 : x;
}

/** Only a seed that is not finite, or 0 / 0 where η is 0, leads here. */
function zeroIfNaN(x: number): number {
  return Number.isNaN(x) ? 0 : x;
}
