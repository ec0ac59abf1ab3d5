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
}

/**
 * Causal self-attention with rotary positions, as one op with its own gradient.
 *
 * @param q [rows · length, heads · headSize]
 * @param k [rows · length, keyValueHeads · headSize]
 * @param v like k
 * @param queryTable Rotary table of a sequence's positions for q.
 * @param keyTable The same for k.
 * @param mask [1, length, length], added to the scores: {@link causalMask}.
 * @returns like q
 */
export function attention(
  [q, k, v]: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D],
  queryTable: RotaryTable,
  keyTable: RotaryTable,
  mask: tf.Tensor3D,
  sizes: AttentionSizes,
): tf.Tensor2D {
  const {headSize} = sizes;
  const scale = 1 / Math.sqrt(headSize);
  return withGradient(
    [q, k, v],
    () => {
      const queries = splitQueries(rotate(q, queryTable, headSize), sizes);
      const keys = splitHeads(rotate(k, keyTable, headSize), sizes);
      const values = splitHeads(v, sizes);
      const share = attentionShares(queries, keys, mask, sizes);
      const value = mergeQueries(tf.matMul(share, values), sizes);
      return {value, saved: [queries, keys, values, share, queryTable.cos, queryTable.sin, keyTable.cos, keyTable.sin]};
    },
    (dy, saved) => {
      const [queries, keys, values, share] = saved as tf.Tensor3D[];
      const [queryCos, querySin, keyCos, keySin] = saved.slice(4) as tf.Tensor1D[];
      const dOut = splitQueries(dy, sizes);
      const dShare = tf.matMul(dOut, values, false, true);
      const weighted = tf.mul(dShare, share);
      const dScores = tf.mul(tf.sub(weighted, tf.mul(share, tf.sum(weighted, 2, true))), scale);
      return [
        rotate(mergeQueries(tf.matMul(dScores, keys), sizes), inverseTable({cos: queryCos, sin: querySin}), headSize),
        rotate(
          mergeHeads(tf.matMul(dScores, queries, true, false), sizes),
          inverseTable({cos: keyCos, sin: keySin}),
          headSize,
        ),
        mergeHeads(tf.matMul(share, dOut, true, false), sizes),
      ];
    },
  );
}

/**
 * softmax(q·kᵀ/√headSize + mask).
 *
 * @param queries From {@link splitQueries}.
 * @param keys From {@link splitHeads}, of any length.
 * @param mask [rows or 1, queries' length, keys' length]
 */
export function attentionShares(
  queries: tf.Tensor3D,
  keys: tf.Tensor3D,
  mask: tf.Tensor3D,
  {rows, length, heads, headSize}: AttentionSizes,
): tf.Tensor3D {
  const scores = tf.mul(tf.matMul(queries, keys, false, true), 1 / Math.sqrt(headSize));
  const apart = tf.reshape(scores, [rows, heads, length, keys.shape[1]]);
  const masked = tf.add(apart, tf.expandDims(mask, 1));
  return tf.reshape(tf.softmax(masked), scores.shape as [number, number, number]);
}

/** 0 where a token may look, itself and back, and a number that softmax takes for −∞ elsewhere: [1, length, length]. */
export function causalMask(length: number): tf.Tensor3D {
  const mask = new Float32Array(length * length);
  for (let from = 0; from < length; from++) mask.fill(HIDDEN, from * length + from + 1, (from + 1) * length);
  return tf.tensor3d(mask, [1, length, length]);
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
