import * as tf from '@tensorflow/tfjs-core';
import {withGradient} from './with-gradient.js';

/**
 * The rows of x at these indices, with the gradient by x.
 *
 * @param x [rows, width]
 * @param indices [n] int32, each below `rows`: backends differ in whether they check that
 * @returns [n, width]
 */
export function gatherRows(x: tf.Tensor2D, indices: tf.Tensor1D): tf.Tensor2D {
  return withGradient(
    [x],
    () => ({value: pickRows(x, indices), saved: [indices]}),
    (dy, [indices]) => [placeRows(dy, indices as tf.Tensor1D, x.shape[0])],
  );
}

/**
 * Zeros, [rows, width], with the rows of x added at these indices; where an index comes twice, both are added.
 * `tf.unsortedSegmentSum` does it too, but wasm lacks it and cpu compares every index with every row.
 */
export function placeRows(x: tf.Tensor2D, indices: tf.Tensor1D, rows: number): tf.Tensor2D {
  return tf.scatterND(tf.reshape(indices, [-1, 1]), x, [rows, x.shape[1]]);
}

/** The entries of x's first dimension at these indices. `tf.gather` does it too, on wasm an element at a time. */
export function pickRows<T extends tf.Tensor>(x: T, indices: tf.Tensor1D): T {
  return tf.gatherND(x, tf.reshape(indices, [-1, 1])) as T;
}
