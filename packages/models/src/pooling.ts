import * as tf from '@tensorflow/tfjs-core';
import {paddingMask} from './ops/attention.js';
import {byRow, type PaddedRows} from './token-rows.js';

/**
 * How the hidden states of a text's tokens become one: the first token's, `cls`; their mean or their largest, element by
 * element; or what the model's own `pooler` makes of the first.
 */
export type PoolingKind = 'cls' | 'mean' | 'max' | 'pooler';

export const POOLINGS: readonly PoolingKind[] = ['cls', 'mean', 'max', 'pooler'];

/** How a text gets its embedding. */
export interface Pooling {
  kind: PoolingKind;
  /** Whether the embedding is made one long. */
  normalise: boolean;
}

/**
 * One state a row, [rows, width], of the states of all tokens, [tokens, width]. Padding does not count.
 *
 * @param kind Without those that look at the first token alone.
 */
export function pool(x: tf.Tensor2D, rows: PaddedRows, kind: 'mean' | 'max'): tf.Tensor2D {
  const apart = byRow(x, rows);
  const shape: [number, number, number] = [rows.rows, rows.length, 1];
  if (kind === 'max') {
    return tf.max(tf.add(apart, tf.tensor3d(paddingMask(rows.length, rows.lengths).values, shape)), 1);
  }
  const shares = rows.lengths.flatMap((own) => Array.from({length: rows.length}, (_, at) => (at < own ? 1 / own : 0)));
  return tf.sum(tf.mul(apart, tf.tensor3d(shares, shape)), 1);
}

/** Each row, made one long. */
export function normaliseRows(x: tf.Tensor2D): tf.Tensor2D {
  return tf.div(x, tf.maximum(tf.sqrt(tf.sum(tf.square(x), 1, true)), 1e-12));
}
