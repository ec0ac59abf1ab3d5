import * as tf from '@tensorflow/tfjs-core';
import {blockedSum} from '../blocked-sum.js';

/** {@link finiteNorm} in plain tfjs ops, without a readback. */
export function fallbackFiniteNorm(tensors: readonly tf.Tensor[]): tf.Scalar {
  return tf.tidy(() => {
    const norms = tensors.filter(({size}) => size > 0).map(normOf);
    if (norms.length === 0) return tf.scalar(0);
    const each = tf.stack(norms);
    const most = tf.max(each);
    const shares = tf.div(each, tf.maximum(most, 2 ** -126));
    return tf.mul(most, tf.sqrt(tf.sum(tf.square(shares))));
  });
}

/**
 * Squares overflow from 2⁶⁴ on and vanish below 2⁻⁶³, so where the largest element is far from 1 all are multiplied by a
 * power of two first: what vanishes then is too small to count.
 */
function normOf(tensor: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const x = tf.reshape(tensor, [tensor.size]);
    const finite = tf.where(tf.isFinite(x), x, tf.zerosLike(x));
    const most = tf.max(tf.abs(finite));
    const byRange = (large: number, usual: number, small: number) =>
      tf.where(
        tf.greater(most, 2 ** 40),
        tf.scalar(large),
        tf.where(tf.less(most, 2 ** -40), tf.scalar(small), tf.scalar(usual)),
      );
    const squares = tf.square(tf.mul(finite, byRange(2 ** -80, 1, 2 ** 80)));
    return tf.mul(tf.reshape(tf.sqrt(blockedSum(squares, 0)), []), byRange(2 ** 48, 2 ** -32, 2 ** -112));
  });
}
