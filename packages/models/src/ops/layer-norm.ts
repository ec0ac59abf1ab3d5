import * as tf from '@tensorflow/tfjs-core';
import {withGradient} from './with-gradient.js';

/**
 * (x − mean) / √(variance + epsilon) · weight + bias over the last dimension (Ba et al. 2016, arXiv 1607.06450).
 *
 * @param x [n, width]
 * @param weight [width]
 * @param bias [width]
 */
export function layerNorm(x: tf.Tensor2D, weight: tf.Tensor1D, bias: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  return withGradient(
    [x, weight, bias],
    () => {
      const centred = tf.sub(x, tf.mean(x, 1, true));
      const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon));
      const normal = tf.mul<tf.Tensor2D>(centred, scale);
      return {value: tf.add<tf.Tensor2D>(tf.mul(normal, weight), bias), saved: [normal, scale, weight]};
    },
    (dy, [normal, scale, weight]) => {
      const dNormal = tf.mul(dy, weight);
      const along = tf.mean(tf.mul(dNormal, normal), 1, true);
      const centred = tf.sub(dNormal, tf.mean(dNormal, 1, true));
      const dx = tf.mul(scale, tf.sub(centred, tf.mul(normal, along)));
      return [dx, tf.sum(tf.mul(dy, normal), 0), tf.sum(dy, 0)];
    },
  );
}
