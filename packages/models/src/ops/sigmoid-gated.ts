import * as tf from '@tensorflow/tfjs-core';
import {withGradient} from './with-gradient.js';

/** x · σ(slope · x), elementwise: SiLU where the slope is 1 (Elfwing et al. 2017, arXiv 1702.03118). */
export function sigmoidGated(x: tf.Tensor2D, slope: number): tf.Tensor2D {
  return withGradient(
    [x],
    () => {
      const sigmoid = tf.sigmoid(tf.mul<tf.Tensor2D>(x, slope));
      return {value: tf.mul<tf.Tensor2D>(x, sigmoid), saved: [x, sigmoid]};
    },
    (dy, [x, sigmoid]) => {
      // σ + slope · x · σ · (1 − σ)
      const bent = tf.mul(tf.mul(tf.mul(x, slope), sigmoid), tf.sub(1, sigmoid));
      return [tf.mul(dy, tf.add(sigmoid, bent))];
    },
  );
}
