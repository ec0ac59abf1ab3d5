import * as tf from '@tensorflow/tfjs-core';
import {withGradient} from './with-gradient.js';

/**
 * x·Wᵀ, or x·W where the weight lies `in-out`.
 *
 * Transposes explicitly, forward and backward: the wasm backend multiplies plain matrices ten times as fast as it
 * multiplies by a transposed one.
 *
 * @param x [n, in]
 * @param weight [out, in]; [in, out] where it lies `in-out`
 * @returns [n, out]
 */
export function linear(x: tf.Tensor2D, weight: tf.Tensor2D, layout: 'out-in' | 'in-out' = 'out-in'): tf.Tensor2D {
  if (layout === 'in-out') {
    return withGradient(
      [x, weight],
      () => ({value: tf.matMul(x, weight), saved: [x, weight]}),
      (dy, [x, weight]) => [tf.matMul(dy, tf.transpose(weight)), tf.matMul(tf.transpose(x), dy)],
    );
  }
  return withGradient(
    [x, weight],
    () => ({value: tf.matMul(x, tf.transpose(weight)), saved: [x, weight]}),
    (dy, [x, weight]) => [tf.matMul(dy, weight), tf.matMul(tf.transpose(dy), x)],
  );
}
