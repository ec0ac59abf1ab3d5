import * as tf from '@tensorflow/tfjs-core';
import {withGradient} from './with-gradient.js';

const SLOPE = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/**
 * x · Φ(x), Φ by tanh: ½x · (1 + tanh(√(2/π) · (x + 0.044715x³))), elementwise (Hendrycks and Gimpel 2016, arXiv
 * 1606.08415). Configurations call it `gelu_new` and `gelu_pytorch_tanh`.
 */
export function gelu(x: tf.Tensor2D): tf.Tensor2D {
  return withGradient(
    [x],
    () => {
      const inner = tf.mul(tf.mul(x, tf.add(tf.mul(tf.square(x), CUBIC), 1)), SLOPE);
      const tanh = tf.tanh(inner);
      return {value: tf.mul<tf.Tensor2D>(tf.mul(x, 0.5), tf.add(tanh, 1)), saved: [x, tanh]};
    },
    (dy, [x, tanh]) => {
      // ½(1 + tanh) + ½x · (1 − tanh²) · √(2/π) · (1 + 3 · 0.044715x²)
      const inner = tf.mul(tf.add(tf.mul(tf.square(x), 3 * CUBIC), 1), SLOPE);
      const bent = tf.mul(tf.mul(x, tf.sub(1, tf.square(tanh))), inner);
      return [tf.mul(dy, tf.mul(tf.add(tf.add(tanh, 1), bent), 0.5))];
    },
  );
}
