import * as tf from '@tensorflow/tfjs-core';
import {withGradient} from './with-gradient.js';

/**
 * Rows that each begin with the same tokens.
 *
 * @param first [count, width]
 * @param x [rows · length, width], row after row
 * @returns [rows · (count + length), width]
 */
export function prependTokens(first: tf.Tensor2D, x: tf.Tensor2D, rows: number): tf.Tensor2D {
  const [count, width] = first.shape;
  const length = x.shape[0] / rows;
  return withGradient(
    [first, x],
    () => {
      const apart = tf.reshape(x, [rows, length, width]);
      const value = tf.reshape<tf.Rank.R2>(tf.concat([repeatTokens(first, rows), apart], 1), [-1, width]);
      return {value, saved: []};
    },
    (dy) => {
      const apart = tf.reshape(dy, [rows, count + length, width]);
      const byFirst = tf.sum(tf.slice(apart, [0, 0, 0], [rows, count, width]), 0);
      return [byFirst, tf.reshape(tf.slice(apart, [0, count, 0], [rows, length, width]), [-1, width])];
    },
  );
}

/** The same tokens, [count, width], in each row: [rows, count, width]. */
export function repeatTokens(tokens: tf.Tensor2D, rows: number): tf.Tensor3D {
  return tf.tile<tf.Tensor3D>(tf.expandDims(tokens, 0), [rows, 1, 1]);
}
