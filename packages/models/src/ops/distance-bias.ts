import * as tf from '@tensorflow/tfjs-core';
import {pickRows} from './gather-rows.js';
import {withGradient} from './with-gradient.js';

/** Buckets of distances, [1 or rows, queries, keys]. */
export interface Buckets {
  values: Int32Array;
  shape: [number, number, number];
}

/** How distances are put into buckets. */
export interface BucketSizes {
  /** How many there are. */
  buckets: number;
  /** All that is as far as this, or farther, is in the last one. */
  farthest: number;
  /** Whether keys after the query have half of the buckets to themselves. Without it: they are as those at distance 0. */
  bothWays: boolean;
}

/**
 * The bucket of each key's distance from each query (Raffel et al. 2020, arXiv 1910.10683): half of the buckets are of one
 * distance each, the others grow as its logarithm does.
 *
 * @param queries The position of each query, of one row or of all.
 * @param keys The same of each key, of as many rows.
 * @param keysInRow How many keys are in a row.
 */
export function distanceBuckets(
  queries: readonly number[],
  keys: readonly number[],
  keysInRow: number,
  sizes: BucketSizes,
): Buckets {
  const rows = keys.length / keysInRow;
  const queriesInRow = queries.length / rows;
  const values = new Int32Array(queries.length * keysInRow);
  for (let at = 0; at < values.length; at++) {
    const query = Math.floor(at / keysInRow);
    const row = Math.floor(query / queriesInRow);
    values[at] = bucketOf(keys[row * keysInRow + (at % keysInRow)] - queries[query], sizes);
  }
  return {values, shape: [rows, queriesInRow, keysInRow]};
}

/** Rounds as torch does, in float32. */
function bucketOf(offset: number, {buckets, farthest, bothWays}: BucketSizes): number {
  const own = bothWays ? Math.floor(buckets / 2) : buckets;
  const first = bothWays && offset > 0 ? own : 0;
  const distance = bothWays ? Math.abs(offset) : Math.max(0, -offset);
  const exact = Math.floor(own / 2);
  if (distance < exact) return first + distance;
  const {fround, log} = Math;
  const share = fround(fround(log(fround(distance / exact))) / fround(log(farthest / exact)));
  return first + Math.min(own - 1, exact + Math.floor(fround(share * (own - exact))));
}

/**
 * What each head adds to each score: [1 or rows, heads, queries, keys], differentiable by the table.
 *
 * @param table [buckets, heads]
 * @param shape That of `buckets`.
 */
export function distanceBias(table: tf.Tensor2D, {values, shape}: Buckets): tf.Tensor4D {
  const [count, heads] = table.shape;
  return withGradient(
    [table],
    () => {
      const flat = tf.tensor1d(values, 'int32');
      const apart = tf.reshape(pickRows(table, flat), [...shape, heads]);
      return {value: tf.transpose<tf.Tensor4D>(apart as tf.Tensor4D, [0, 3, 1, 2]), saved: [flat]};
    },
    (dy, [flat]) => {
      // Many scores share a bucket: a product with ones is faster than to place rows on top of each other.
      const ones = tf.cast(tf.oneHot(flat as tf.Tensor1D, count), 'float32');
      const byHead = tf.reshape(tf.transpose(dy, [1, 0, 2, 3]), [heads, -1]);
      return [tf.transpose(tf.matMul(byHead, ones))];
    },
  );
}
