import * as tf from '@tensorflow/tfjs-core';
import {withGradient} from './with-gradient.js';

/** a + b, of one shape. The gradient by the sum, which tfjs keeps to the end of a backward pass, goes as soon as it is used. */
export function add(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  return withGradient(
    [a, b],
    () => ({value: tf.add<tf.Tensor2D>(a, b), saved: []}),
    // Two tensors, for each is freed in its time. A reshape is no copy on any backend.
    (dy) => [tf.reshape(dy, dy.shape), tf.reshape(dy, dy.shape)],
  );
}
