import type {TopKMaskAttrs} from '../contract.js';
import {distanceBetween} from '../distance.js';
import {selectLargest} from './select.js';

/**
 * `TopKMask` on plain arrays: 1 where x is among the k farthest from y (from zero where y is not given), the distance
 * being multiplied by the importance where one is given; else 0.
 */
export function referenceTopKMask(
  x: Float32Array,
  y: Float32Array | undefined,
  {k, distance, eta}: TopKMaskAttrs,
  importance?: Float32Array,
): Uint8Array {
  const distances = x.map((a, i) =>
    y ? distanceBetween(a, y[i], distance, eta, importance?.[i]) : distanceBetween(a, 0, 'absolute', 0),
  );
  const mask = new Uint8Array(x.length);
  for (const i of selectLargest(distances, k)) mask[i] = 1;
  return mask;
}
