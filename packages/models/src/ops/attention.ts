import * as tf from '@tensorflow/tfjs-core';
import {inverseTable, type RotaryTable, rotate} from './rotary.js';
import {withGradient} from './with-gradient.js';

/** Sizes of an attention over `rows` sequences of `length` tokens each. */
export interface AttentionSizes {
  rows: number;
  length: number;
  heads: number;
  keyValueHeads: number;
  headSize: number;
  /** What scores are multiplied by. */
  scale: number;
}

/** Numbers that are added to scores, [1 or rows, tokens, tokens seen]. */
export interface Mask {
  values: Float32Array;
  shape: [number, number, number];
}

/** What a pass's attentions share. */
export interface TableData {
  /** Rotary table of a sequence's positions for queries; without it they stay as they are. */
  queries?: RotaryTable<Float32Array>;
  /** The same for keys. */
  keys?: RotaryTable<Float32Array>;
  mask: Mask;
}

/** {@link TableData} as tensors. */
export interface AttentionTables {
  queries: RotaryTable | undefined;
  keys: RotaryTable | undefined;
  mask: tf.Tensor3D;
}

export function tablesOf({queries, keys, mask}: TableData): AttentionTables {
  const tensors = (table: RotaryTable<Float32Array> | undefined) =>
    table && {cos: tf.tensor1d(table.cos), sin: tf.tensor1d(table.sin)};
  return {queries: tensors(queries), keys: tensors(keys), mask: tf.tensor3d(mask.values, mask.shape)};
}

/**
 * Self-attention with rotary positions, as one op with its own gradient.
 *
 * @param q [rows · length, heads · headSize]
 * @param k [rows · length, keyValueHeads · headSize]
 * @param v like k
 * @returns like q
 */
export function attention(
  [q, k, v]: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D],
  tables: AttentionTables,
  sizes: AttentionSizes,
): tf.Tensor2D {
  const {headSize, scale} = sizes;
  return withGradient(
    [q, k, v],
    () => {
      const queries = splitQueries(rotate(q, tables.queries, headSize), sizes);
      const keys = splitHeads(rotate(k, tables.keys, headSize), sizes);
      const values = splitHeads(v, sizes);
      const share = attentionShares(queries, keys, tables.mask, sizes);
      const value = mergeQueries(tf.matMul(share, values), sizes);
      return {value, saved: [queries, keys, values, share, ...parts(tables.queries), ...parts(tables.keys)]};
    },
    (dy, saved) => {
      const [queries, keys, values, share] = saved as tf.Tensor3D[];
      const [queryTable, keyTable] = [back(saved.slice(4, 6)), back(saved.slice(6))];
      const dOut = splitQueries(dy, sizes);
      const dShare = tf.matMul(dOut, values, false, true);
      const weighted = tf.mul(dShare, share);
      const dScores = tf.mul(tf.sub(weighted, tf.mul(share, tf.sum(weighted, 2, true))), scale);
      return [
        rotate(mergeQueries(tf.matMul(dScores, keys), sizes), queryTable, headSize),
        rotate(mergeHeads(tf.matMul(dScores, queries, true, false), sizes), keyTable, headSize),
        mergeHeads(tf.matMul(share, dOut, true, false), sizes),
      ];
    },
  );
}

/** What is saved of a table, in the order in which {@link back} takes it. */
function parts(table: RotaryTable | undefined): tf.Tensor[] {
  return table ? [table.cos, table.sin] : [];
}

/** The table that turns back. */
function back([cos, sin]: tf.Tensor[]): RotaryTable | undefined {
  return cos ? inverseTable({cos: cos as tf.Tensor1D, sin: sin as tf.Tensor1D}) : undefined;
}

/**
 * softmax(scale · q·kᵀ + mask).
 *
 * @param queries From {@link splitQueries}.
 * @param keys From {@link splitHeads}, of any length.
 * @param mask [rows or 1, queries' length, keys' length]
 */
export function attentionShares(
  queries: tf.Tensor3D,
  keys: tf.Tensor3D,
  mask: tf.Tensor3D,
  {rows, length, heads, scale}: AttentionSizes,
): tf.Tensor3D {
  const scores = tf.mul(tf.matMul(queries, keys, false, true), scale);
  const apart = tf.reshape(scores, [rows, heads, length, keys.shape[1]]);
  const masked = tf.add(apart, tf.expandDims(mask, 1));
  return tf.reshape(tf.softmax(masked), scores.shape as [number, number, number]);
}

/**
 * 0 where a token may look, itself and back, and a number that softmax takes for −∞ elsewhere: [1, length, length].
 *
 * @param window How many tokens it may see, itself and back.
 */
export function causalMask(length: number, window = length): Mask {
  const values = new Float32Array(length * length);
  for (let from = 0; from < length; from++) {
    values.fill(HIDDEN, from * length, from * length + Math.max(0, from + 1 - window));
    values.fill(HIDDEN, from * length + from + 1, (from + 1) * length);
  }
  return {values, shape: [1, length, length]};
}

/** Added to a score, it leaves no share: e to this is 0 in float32. */
export const HIDDEN = -1e9;

/** [rows · length, heads · headSize] → [rows · keyValueHeads, heads/keyValueHeads · length, headSize] */
export function splitQueries(x: tf.Tensor2D, sizes: AttentionSizes): tf.Tensor3D {
  const {rows, length, heads, keyValueHeads, headSize} = sizes;
  const shared = heads / keyValueHeads;
  const apart = tf.reshape(x, [rows, length, keyValueHeads, shared, headSize]);
  return tf.reshape(tf.transpose(apart, [0, 2, 3, 1, 4]), [rows * keyValueHeads, shared * length, headSize]);
}

/** Undoes {@link splitQueries}. */
export function mergeQueries(x: tf.Tensor3D, sizes: AttentionSizes): tf.Tensor2D {
  const {rows, length, heads, keyValueHeads, headSize} = sizes;
  const apart = tf.reshape(x, [rows, keyValueHeads, heads / keyValueHeads, length, headSize]);
  return tf.reshape(tf.transpose(apart, [0, 3, 1, 2, 4]), [rows * length, heads * headSize]);
}

/** [rows · length, keyValueHeads · headSize] → [rows · keyValueHeads, length, headSize] */
export function splitHeads(x: tf.Tensor2D, {rows, length, keyValueHeads, headSize}: AttentionSizes): tf.Tensor3D {
  const apart = tf.reshape(x, [rows, length, keyValueHeads, headSize]);
  return tf.reshape(tf.transpose(apart, [0, 2, 1, 3]), [rows * keyValueHeads, length, headSize]);
}

function mergeHeads(x: tf.Tensor3D, {rows, length, keyValueHeads, headSize}: AttentionSizes): tf.Tensor2D {
  const apart = tf.reshape(x, [rows, keyValueHeads, length, headSize]);
  return tf.reshape(tf.transpose(apart, [0, 2, 1, 3]), [rows * length, keyValueHeads * headSize]);
}
