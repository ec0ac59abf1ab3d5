import * as tf from '@tensorflow/tfjs-core';
import {withGradient} from './with-gradient.js';

/**
 * x / √(mean(x²) + epsilon) · (weight + offset) over the last dimension (Zhang and Sennrich 2019, arXiv 1910.07467).
 *
 * @param x [n, width]
 * @param weight [width]
 */
export function rmsNorm(x: tf.Tensor2D, weight: tf.Tensor1D, epsilon: number, offset = 0): tf.Tensor2D {
  const factor = (weight: tf.Tensor) => (offset === 0 ? weight : tf.add(weight, offset));
  return withGradient(
    [x, weight],
    () => {
      const scale = tf.rsqrt(tf.add(tf.mean(tf.square(x), 1, true), epsilon));
      const normal = tf.mul<tf.Tensor2D>(x, scale);
      return {value: tf.mul<tf.Tensor2D>(normal, factor(weight)), saved: [normal, scale, weight]};
    },
    (dy, [normal, scale, weight]) => {
      const dNormal = tf.mul(dy, factor(weight));
      const along = tf.mean(tf.mul(dNormal, normal), 1, true);
      const dx = tf.mul(scale, tf.sub(dNormal, tf.mul(normal, along)));
      return [dx, tf.sum(tf.mul(dy, normal), 0)];
    },
  );
}
