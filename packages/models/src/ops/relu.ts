import * as tf from '@tensorflow/tfjs-core';
import {withGradient} from './with-gradient.js';

/** max(x, 0), elementwise. */
export function relu(x: tf.Tensor2D): tf.Tensor2D {
  return withGradient(
    [x],
    () => {
      const value = tf.relu(x);
      return {value, saved: [value]};
    },
    (dy, [value]) => [tf.mul(dy, tf.cast(tf.greater(value, 0), 'float32'))],
  );
}
