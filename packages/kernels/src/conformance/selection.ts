import {type SelectionAttrs, TopKMask} from '../contract.js';
import {SMALLEST_NORMAL} from '../distance.js';
import {assertTrue} from './compare.js';

/** Between which bounds each distance lies, where a backend may round otherwise than the reference. */
export interface DistanceBounds {
  low: Float64Array;
  high: Float64Array;
}

/** What a division may be off by, relatively: WGSL allows 2.5 units in the last place. */
const DIVISION = 4e-7;

/** Between which bounds each importance lies. */
export type ImportanceBounds = DistanceBounds;

/**
 * @param tolerance how far each proposal may be off; none where proposals are given
 * @param importance by which distances are multiplied; for `fisher` it must be given
 */
export function distanceBounds(
  proposal: Float32Array,
  seed: Float32Array,
  {distance, eta}: Pick<SelectionAttrs, 'distance' | 'eta'>,
  tolerance?: Float64Array,
  importance?: ImportanceBounds,
): DistanceBounds {
  const low = new Float64Array(seed.length);
  const high = new Float64Array(seed.length);
  proposal.forEach((a, i) => {
    const b = Math.abs(flush(seed[i]));
    const factor = {absolute: 1, relative: 1 / (b + eta), weighted: b, fisher: 1}[distance];
    const difference = Number.isFinite(a) ? Math.abs(flush(a) - flush(seed[i])) : 0;
    const error = Number.isFinite(a) ? (tolerance?.[i] ?? 0) : 0;
    // A difference that may be subnormal may count as zero; one that overflows float32 is infinite.
    const least = certain(Math.fround(difference - error));
    const nearest = Math.fround(least * factor * (1 - DIVISION)) || 0;
    const farthest = Math.fround(Math.fround(difference + error) * factor * (1 + DIVISION)) || 0;
    // What is weighed has been rounded and flushed before.
    low[i] = importance ? Math.fround(certain(nearest) * importance.low[i] * (1 - DIVISION)) || 0 : nearest;
    high[i] = importance ? Math.fround(farthest * importance.high[i] * (1 + DIVISION)) || 0 : farthest;
  });
  return {low, high};
}

/** Throws where an entry that was left out surely lies farther than one that was chosen, or the number is wrong. */
export function assertFarthestChosen(
  isChosen: (i: number) => boolean,
  {low, high}: DistanceBounds,
  k: number,
  what: string = TopKMask,
): void {
  let size = 0;
  let atLeast = 0;
  let atMost = 0;
  let farthestOut = 0;
  let nearestIn = Number.POSITIVE_INFINITY;
  for (let i = 0; i < low.length; i++) {
    // Twice the smallest normal, because a rounding step decides what is flushed.
    if (low[i] >= 2 * SMALLEST_NORMAL) atLeast++;
    if (high[i] >= SMALLEST_NORMAL / 2) atMost++;
    if (isChosen(i)) {
      size++;
      nearestIn = Math.min(nearestIn, high[i]);
    } else {
      farthestOut = Math.max(farthestOut, low[i]);
    }
  }
  assertTrue(
    size >= Math.min(k, atLeast) && size <= Math.min(k, atMost),
    `${what} chose ${size} entries; expected ${Math.min(k, atLeast)} to ${Math.min(k, atMost)}`,
  );
  assertTrue(
    size < k || farthestOut <= nearestIn,
    `${what} left out an entry at distance ${farthestOut} or more and chose one at ${nearestIn} or less`,
  );
}

/** What surely does not count as zero, else zero: a rounding step decides what is flushed. */
function certain(x: number): number {
  return x < 2 * SMALLEST_NORMAL ? 0 : x;
}

/** An importance as it counts. */
export function flushedSize(x: number): number {
  return Math.abs(flush(x));
}

function flush(x: number): number {
  return Math.abs(x) < SMALLEST_NORMAL ? 0 : x;
}
