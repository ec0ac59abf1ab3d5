import * as tf from '@tensorflow/tfjs-core';
import {attention, causalMask, type Mask, type TableData, tablesOf} from './ops/attention.js';
import {gatherRows} from './ops/gather-rows.js';
import {layerNorm} from './ops/layer-norm.js';
import {linear} from './ops/linear.js';
import {rmsNorm} from './ops/rms-norm.js';
import {type Frequencies, rotaryTable} from './ops/rotary.js';
import {get, type Weights} from './weights.js';

/** How a weight lies: `out-in` as PyTorch's `Linear` keeps it, `in-out` as GPT-2's `Conv1D` does. */
export type Layout = 'out-in' | 'in-out';

/** A kind of causal self-attention. */
export interface Attention {
  heads: number;
  /** Key and value heads; each serves heads / keyValueHeads query heads. */
  keyValueHeads: number;
  headSize: number;
  /** What scores are multiplied by. */
  scale: number;
  /** A token sees so many tokens, itself and back. Without it: all. */
  window?: number | undefined;
  /** How queries and keys turn with their position. Without it: not at all. */
  rotary?: Frequencies | undefined;
}

/** A normalisation over the last dimension. */
export interface Norm {
  /** `rms` has a weight, `layer` a weight and a bias. */
  kind: 'rms' | 'layer';
  epsilon: number;
  /** Added to the weight. Default 0. */
  offset?: number;
}

/**
 * What a forward pass is written in. A name is that of a layer: its tensors are `NAME.weight` and, where the model has
 * one, `NAME.bias`. Whatever is added to a model is a decorator of these.
 */
export interface Verbs {
  /** The rows of `NAME.weight`, [rows, width], at these indices, [n] int32: [n, width]. */
  embed(ids: tf.Tensor1D, name: string): tf.Tensor2D;
  /** x·Wᵀ + bias, x [n, in], W [out, in]; or x·W + bias, where the weight lies `in-out`: [n, out]. */
  project(x: tf.Tensor2D, name: string, layout?: Layout): tf.Tensor2D;
  /** Self-attention of the layer of this name before its output projection: [tokens, heads · headSize]. */
  attend(qkv: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D], name: string, attention: Attention): tf.Tensor2D;
  /** x, [n, width], normalised. */
  normalise(x: tf.Tensor2D, name: string, norm: Norm): tf.Tensor2D;
}

/** The tokens of a pass, row after row. Both [tokens] int32. */
export interface Tokens {
  ids: tf.Tensor1D;
  /** Where each token stands in its sequence, counted from 0. */
  places: tf.Tensor1D;
}

/**
 * The verbs of passes over `rows` sequences of `length` tokens each, from their start. Each call of what it returns makes
 * tensors of its own, which the caller's `tf.tidy` frees.
 */
export function plainVerbs(rows: number, length: number): (weights: Weights) => Verbs {
  const places = Array.from({length}, (_, at) => at);
  const data = remember((kind) => tableData(kind, places, causalMask(length, kind.window)));
  return (weights) => {
    const tables = remember((kind) => tablesOf(data(kind)));
    return {
      ...layerVerbs(weights),
      attend: (qkv, _, kind) => attention(qkv, tables(kind), {...kind, rows, length}),
    };
  };
}

/** The verbs that look at each token by itself. */
export function layerVerbs(weights: Weights): Omit<Verbs, 'attend'> {
  return {
    embed: (ids, name) => gatherRows(get(weights, `${name}.weight`), ids),
    project: (x, name, layout) => addBias(linear(x, get(weights, `${name}.weight`), layout), weights, name),
    normalise: (x, name, {kind, epsilon, offset}) => {
      const weight = get<tf.Tensor1D>(weights, `${name}.weight`);
      if (kind === 'layer') return layerNorm(x, weight, get(weights, `${name}.bias`), epsilon);
      return rmsNorm(x, weight, epsilon, offset);
    },
  };
}

/** Adds the layer's bias, where it has one. */
export function addBias(x: tf.Tensor2D, weights: Weights, name: string): tf.Tensor2D {
  const bias = weights.get(`${name}.bias`);
  return bias ? tf.add(x, get(weights, `${name}.bias`)) : x;
}

/** What this makes of each kind of attention, made when it is first asked for. */
export function remember<T>(make: (kind: Attention) => T): (kind: Attention) => T {
  const made = new Map<Attention, T>();
  return (kind) => {
    const found = made.get(kind) ?? make(kind);
    made.set(kind, found);
    return found;
  };
}

/**
 * What a kind of attention needs in every layer of a pass.
 *
 * @param places The position of each token, of one row or of all.
 */
export function tableData({heads, keyValueHeads, rotary}: Attention, places: readonly number[], mask: Mask): TableData {
  if (!rotary) return {mask};
  return {queries: rotaryTable(places, heads, rotary), keys: rotaryTable(places, keyValueHeads, rotary), mask};
}
