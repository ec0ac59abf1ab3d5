import * as tf from '@tensorflow/tfjs-core';
import {withGradient} from './with-gradient.js';

/** x · Φ(x), elementwise, Φ the normal distribution's (Hendrycks and Gimpel 2016, arXiv 1606.08415): `gelu` in configurations. */
export function erfGelu(x: tf.Tensor2D): tf.Tensor2D {
  return withGradient(
    [x],
    () => {
      const share = tf.mul<tf.Tensor2D>(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
      return {value: tf.mul<tf.Tensor2D>(x, share), saved: [x, share]};
    },
    (dy, [x, share]) => {
      // Φ(x) + x · e^(−x²/2) / √(2π)
      const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [tf.mul(dy, tf.add(share, tf.mul(x, density)))];
    },
  );
}
