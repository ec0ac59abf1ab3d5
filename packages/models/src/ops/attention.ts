import * as tf from '@tensorflow/tfjs-core';
import type {Buckets} from './distance-bias.js';
import {inverseTable, type RotaryTable, rotate} from './rotary.js';
import {withGradient} from './with-gradient.js';

/** Sizes of an attention over `rows` sequences of `length` tokens each. */
export interface AttentionSizes {
  rows: number;
  length: number;
  /** Keys a row. Default `length`. */
  keyLength?: number;
  heads: number;
  keyValueHeads: number;
  headSize: number;
  /** What scores are multiplied by. */
  scale: number;
}

/** Numbers that are added to scores, [1 or rows, 1 or tokens, tokens seen]. */
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
  /** The bucket of each distance, where a bias is learnt by distance. */
  buckets?: Buckets;
}

/** {@link TableData} as tensors. */
export interface AttentionTables {
  queries: RotaryTable | undefined;
  keys: RotaryTable | undefined;
  mask: tf.Tensor3D;
  /** Learnt numbers that are added to scores too: from `distanceBias`. */
  bias?: tf.Tensor4D | undefined;
}

export function tablesOf({queries, keys, mask}: Omit<TableData, 'buckets'>): AttentionTables {
  const tensors = (table: RotaryTable<Float32Array> | undefined) =>
    table && {cos: tf.tensor1d(table.cos), sin: tf.tensor1d(table.sin)};
  return {queries: tensors(queries), keys: tensors(keys), mask: tf.tensor3d(mask.values, mask.shape)};
}

/**
 * Attention, with rotary positions and a bias where the tables have them, as one op with its own gradient.
 *
 * @param q [rows · length, heads · headSize]
 * @param k [rows · keyLength, keyValueHeads · headSize]
 * @param v like k
 * @returns like q
 */
export function attention(
  [q, k, v]: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D],
  tables: AttentionTables,
  sizes: AttentionSizes,
): tf.Tensor2D {
  const {headSize, scale} = sizes;
  const {bias} = tables;
  return withGradient(
    bias ? [q, k, v, bias] : [q, k, v],
    () => {
      const queries = splitQueries(rotate(q, tables.queries, headSize), sizes);
      const keys = splitHeads(rotate(k, tables.keys, headSize), sizes);
      const values = splitHeads(v, sizes);
      const share = attentionShares(queries, keys, tables, sizes);
      const value = mergeQueries(tf.matMul(share, values), sizes);
      return {value, saved: [queries, keys, values, share, ...parts(tables.queries), ...parts(tables.keys)]};
    },
    (dy, saved) => {
      const [queries, keys, values, share] = saved as tf.Tensor3D[];
      const [queryTable, keyTable] = [back(saved.slice(4, 6)), back(saved.slice(6))];
      const dOut = splitQueries(dy, sizes);
      const dShare = tf.matMul(dOut, values, false, true);
      const weighted = tf.mul(dShare, share);
      const dBiased = tf.sub<tf.Tensor3D>(weighted, tf.mul(share, tf.sum(weighted, 2, true)));
      const dScores = tf.mul<tf.Tensor3D>(dBiased, scale);
      const gradients = [
        rotate(mergeQueries(tf.matMul(dScores, keys), sizes), queryTable, headSize),
        rotate(mergeHeads(tf.matMul(dScores, queries, true, false), sizes), keyTable, headSize),
        mergeHeads(tf.matMul(share, dOut, true, false), sizes),
      ];
      return bias ? [...gradients, biasGradient(dBiased, sizes)] : gradients;
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

/** A bias is the same for all rows of a pass. */
function biasGradient(dScores: tf.Tensor3D, {rows, length, heads}: AttentionSizes): tf.Tensor {
  return tf.sum(tf.reshape(dScores, [rows, heads, length, dScores.shape[2]]), 0, true);
}

/**
 * softmax(scale · q·kᵀ + mask + bias).
 *
 * @param queries From {@link splitQueries}.
 * @param keys From {@link splitHeads}, of any length.
 * @param tables The mask, [1 or rows, 1 or queries' length, keys' length], and the bias, [1 or rows, heads, queries'
 * length, keys' length].
 */
export function attentionShares(
  queries: tf.Tensor3D,
  keys: tf.Tensor3D,
  {mask, bias}: Pick<AttentionTables, 'mask' | 'bias'>,
  {rows, length, heads, scale}: AttentionSizes,
): tf.Tensor3D {
  const scores = tf.mul(tf.matMul(queries, keys, false, true), scale);
  const apart = tf.reshape(scores, [rows, heads, length, keys.shape[1]]);
  const biased = bias ? tf.add(apart, bias) : apart;
  const masked = tf.add(biased, tf.expandDims(mask, 1));
  return tf.reshape(tf.softmax(masked), scores.shape as [number, number, number]);
}

/**
 * 0 where a token may look, itself and back, and a number that softmax takes for −∞ elsewhere: [1, count, length].
 *
 * @param window How many tokens it may see, itself and back.
 * @param count How many tokens look, the last ones.
 */
export function causalMask(length: number, window = length, count = length): Mask {
  const values = new Float32Array(count * length);
  for (let row = 0; row < count; row++) {
    const from = length - count + row;
    values.fill(HIDDEN, row * length, row * length + Math.max(0, from + 1 - window));
    values.fill(HIDDEN, row * length + from + 1, (row + 1) * length);
  }
  return {values, shape: [1, count, length]};
}

/**
 * 0 at each row's tokens and a number that softmax takes for −∞ at its padding: [rows or 1, 1, length].
 *
 * @param lengths How many tokens of each row are no padding. Default: all.
 */
export function paddingMask(length: number, lengths: readonly number[] = [length]): Mask {
  const values = new Float32Array(lengths.length * length);
  for (const [row, own] of lengths.entries()) values.fill(HIDDEN, row * length + own, (row + 1) * length);
  return {values, shape: [lengths.length, 1, length]};
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

/** [rows · keyLength, keyValueHeads · headSize] → [rows · keyValueHeads, keyLength, headSize] */
export function splitHeads(x: tf.Tensor2D, sizes: AttentionSizes): tf.Tensor3D {
  const {rows, length, keyLength = length, keyValueHeads, headSize} = sizes;
  const apart = tf.reshape(x, [rows, keyLength, keyValueHeads, headSize]);
  return tf.reshape(tf.transpose(apart, [0, 2, 1, 3]), [rows * keyValueHeads, keyLength, headSize]);
}

function mergeHeads(x: tf.Tensor3D, sizes: AttentionSizes): tf.Tensor2D {
  const {rows, length, keyLength = length, keyValueHeads, headSize} = sizes;
  const apart = tf.reshape(x, [rows, keyValueHeads, keyLength, headSize]);
  return tf.reshape(tf.transpose(apart, [0, 2, 1, 3]), [rows * keyLength, keyValueHeads * headSize]);
}
