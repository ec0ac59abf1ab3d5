import * as tf from '@tensorflow/tfjs-core';
import {LARGEST} from './distances.js';

/**
 * A bool row: the k largest distances, of equal ones those of lowest index, none that is zero. The k-th largest comes
 * from `tf.topk`; how that orders equal ones does not matter, since they are counted out here.
 */
export function selectLargest(distances: tf.Tensor, k: number): tf.Tensor {
  if (k === 0) return tf.zeros([distances.size], 'bool');
  const budget = tf.scalar(k, 'int32');
  // The cpu backend's topk subtracts to compare, so that infinities would put its order in disorder.
  const finiteKth = tf.slice(tf.topk(tf.minimum(distances, LARGEST), k).values, k - 1, 1);
  const infinite = count(tf.greater(distances, LARGEST));
  const kth = tf.where(tf.greaterEqual(infinite, budget), Number.POSITIVE_INFINITY, finiteKth);
  const above = tf.greater(distances, kth);
  const tied = tf.logicalAnd(tf.equal(distances, kth), tf.greater(distances, 0));
  const room = tf.sub(budget, count(above));
  const rank = tf.cumsum(tf.cast(tied, 'int32'));
  return tf.logicalOr(above, tf.logicalAnd(tied, tf.lessEqual(rank, room)));
}

/** How many elements are true, as an int32 scalar: exact, which a float32 is only up to 2²⁴. */
export function count(bools: tf.Tensor): tf.Tensor {
  return tf.sum(tf.cast(bools, 'int32'));
}
