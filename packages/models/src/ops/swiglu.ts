import * as tf from '@tensorflow/tfjs-core';
import {withGradient} from './with-gradient.js';

/** gate · σ(gate) · up, elementwise (Shazeer 2020, arXiv 2002.05202). All of one shape. */
export function swiglu(gate: tf.Tensor2D, up: tf.Tensor2D): tf.Tensor2D {
  return withGradient(
    [gate, up],
    () => {
      const sigmoid = tf.sigmoid(gate);
      return {value: tf.mul<tf.Tensor2D>(tf.mul(gate, sigmoid), up), saved: [gate, up, sigmoid]};
    },
    (dy, [gate, up, sigmoid]) => {
      const silu = tf.mul(gate, sigmoid);
      // d silu / d gate = σ + silu · (1 − σ) = σ + silu − silu · σ
      const slope = tf.add(sigmoid, tf.sub(silu, tf.mul(silu, sigmoid)));
      return [tf.mul(tf.mul(dy, up), slope), tf.mul(dy, silu)];
    },
  );
}
