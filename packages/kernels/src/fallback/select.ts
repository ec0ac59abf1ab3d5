import * as tf from '@tensorflow/tfjs-core';
import {LARGEST} from './distances.js';

/**
 * A bool row: the k largest distances, of equal ones those of lowest index, none that is zero. The k-th largest comes
 * from `tf.topk`; how that orders equal ones does not matter, since they are counted out here.
 */
export function selectLargest(distances: tf.Tensor, k: number): tf.Tensor {
  if (k === 0) return tf.zeros([distances.size], 'bool');
  return tf.tidy(() => {
    const kth = kthLargest(distances, k);
    const above = tf.greater(distances, kth);
    const tied = tf.logicalAnd(tf.equal(distances, kth), tf.greater(distances, tf.scalar(0)));
    const room = tf.sub(tf.scalar(k, 'int32'), count(above));
    const rank = tf.cumsum(tf.cast(tied, 'int32'));
    return tf.logicalOr(above, tf.logicalAnd(tied, tf.lessEqual(rank, room)));
  });
}

/**
 * The k-th largest distance, as a scalar of rank 0: the wasm backend compares with one of rank 1 twenty times as slowly.
 */
function kthLargest(distances: tf.Tensor, k: number): tf.Tensor {
  return tf.tidy(() => {
    // The cpu backend's topk subtracts to compare, so that infinities would put its order in disorder.
    const {values} = tf.topk(tf.minimum(distances, LARGEST), k);
    const infinite = count(tf.greater(distances, LARGEST));
    const isInfinite = tf.greaterEqual(infinite, tf.scalar(k, 'int32'));
    return tf.where(isInfinite, tf.scalar(Number.POSITIVE_INFINITY), tf.reshape(tf.slice(values, k - 1, 1), []));
  });
}

/** How many elements are true, as an int32 scalar: exact, which a float32 is only up to 2²⁴. */
export function count(bools: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.sum(tf.cast(bools, 'int32')));
}
