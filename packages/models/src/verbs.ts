import * as tf from '@tensorflow/tfjs-core';
import {
  type AttentionTables,
  attention,
  causalMask,
  type Mask,
  paddingMask,
  type TableData,
  tablesOf,
} from './ops/attention.js';
import {distanceBias, distanceBuckets} from './ops/distance-bias.js';
import {gatherRows} from './ops/gather-rows.js';
import {layerNorm} from './ops/layer-norm.js';
import {linear} from './ops/linear.js';
import {prependTokens} from './ops/prepend-tokens.js';
import {rmsNorm} from './ops/rms-norm.js';
import {type Frequencies, rotaryTable} from './ops/rotary.js';
import type {Prefix} from './virtual-tokens.js';
import {get, type Weights} from './weights.js';

/** How a weight lies: `out-in` as PyTorch's `Linear` keeps it, `in-out` as GPT-2's `Conv1D` does. */
export type Layout = 'out-in' | 'in-out';

/** A kind of attention. */
export interface Attention {
  heads: number;
  /** Key and value heads; each serves heads / keyValueHeads query heads. */
  keyValueHeads: number;
  headSize: number;
  /** What scores are multiplied by. */
  scale: number;
  /** Which tokens one sees: itself and those before it, the default, or all. */
  sees?: 'before' | 'all';
  /** A token that sees those before it sees so many, itself and back. Without it: all. */
  window?: number | undefined;
  /** What is added to scores by how far apart two tokens are. Without it: nothing. */
  distanceBias?: DistanceBias;
  /** How queries and keys turn with their position. Without it: not at all. */
  rotary?: Frequencies | undefined;
}

/** A learnt bias by distance, in buckets: see `distanceBuckets`. */
export interface DistanceBias {
  /** Its layer: `NAME.weight` is [buckets, heads]. */
  name: string;
  buckets: number;
  /** All that is as far as this, or farther, is in one bucket. */
  farthest: number;
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
  /** The rows of `NAME.weight`, [rows, width], at these indices, [n] int32, times the scale where there is one: [n, width]. */
  embed(ids: tf.Tensor1D, name: string, scale?: number): tf.Tensor2D;
  /** x·Wᵀ + bias, x [n, in], W [out, in]; or x·W + bias, where the weight lies `in-out`: [n, out]. */
  project(x: tf.Tensor2D, name: string, layout?: Layout): tf.Tensor2D;
  /** Self-attention of the layer of this name before its output projection: [tokens, heads · headSize]. */
  attend(qkv: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D], name: string, attention: Attention): tf.Tensor2D;
  /**
   * Attention of a decoder to all of what its encoder has read, as {@link Verbs.attend} gives it.
   *
   * @param read Keys and values of the encoder's states, [rows · source length, hiddenSize].
   */
  attendToSource(q: tf.Tensor2D, read: ReadSource, name: string, attention: Attention): tf.Tensor2D;
  /** x, [n, width], normalised. */
  normalise(x: tf.Tensor2D, name: string, norm: Norm): tf.Tensor2D;
}

/** From an encoder's states to keys and values. */
export type ReadSource = (states: tf.Tensor2D) => [keys: tf.Tensor2D, values: tf.Tensor2D];

/** Verbs that look at each token by itself. */
export type TokenVerbs = Omit<Verbs, 'attend' | 'attendToSource'>;

/** The tokens of a pass, row after row. All [tokens] int32. */
export interface Tokens {
  ids: tf.Tensor1D;
  /** Which kind of text each token is of; nothing where there is one kind. */
  types?: tf.Tensor1D | undefined;
  /** Where each token stands in its sequence, counted from 0. */
  places: tf.Tensor1D;
}

/** Sequences of `length` tokens each, padding included. */
export interface Sequences {
  rows: number;
  length: number;
  /** How many tokens of each row, from its start, are no padding. Needed where tokens see those after them. */
  lengths?: readonly number[] | undefined;
}

/** What an encoder has read, among the weights that a decoder's verbs are made over. */
const SOURCE = 'the states of the encoder';

/** Weights and an encoder's states: a decoder's blocks read both, and so are differentiated by both. */
export function withSource(weights: Weights, states: tf.Tensor2D): Weights {
  return {get: (name) => (name === SOURCE ? states : weights.get(name))};
}

/**
 * The verbs of passes over sequences, from their start. Each call of what it returns makes tensors of its own, which the
 * caller's `tf.tidy` frees.
 *
 * @param source What the encoder has read, where there is one: the weights are then those of {@link withSource}.
 */
export function plainVerbs(
  {rows, length, lengths, prefix}: Sequences & {prefix?: Prefix | undefined},
  source?: Sequences,
): (weights: Weights) => Verbs {
  const before = prefix?.tokens ?? 0;
  const keyLength = before + length;
  const keyPlaces = Array.from({length: keyLength}, (_, at) => at);
  const places = keyPlaces.slice(before);
  const ends = lengths?.map((own) => before + own);
  const data = remember((kind) => {
    const mask = kind.sees === 'all' ? paddingMask(keyLength, ends) : causalMask(keyLength, kind.window, length);
    // What is turned by no position is at place 0.
    return tableData(kind, mask, {places, keyPlaces, turned: [...new Array<number>(before).fill(0), ...places]});
  });
  return (weights) => {
    const verbs = tokenVerbs(weights);
    const tables = rememberTables((kind) => tablesWithBias(kind, data(kind), verbs));
    const sourceTables = rememberTables(() => tablesOf({mask: paddingMask(source?.length ?? 0, source?.lengths)}));
    return {
      ...verbs,
      attend: ([q, k, v], name, kind) => {
        const first = prefix?.attend(name, weights);
        const [keys, values] = first ? [prependTokens(first[0], k, rows), prependTokens(first[1], v, rows)] : [k, v];
        return attention([q, keys, values], tables(kind), {...kind, rows, length, keyLength});
      },
      attendToSource: (q, read, _, kind) => {
        const states = get<tf.Tensor2D>(weights, SOURCE);
        return attention([q, ...read(states)], sourceTables(kind), {
          ...kind,
          ...{rows, length, keyLength: states.shape[0] / rows},
        });
      },
    };
  };
}

/** The verbs that look at each token by itself. */
export function tokenVerbs(weights: Weights): TokenVerbs {
  return {
    embed: (ids, name, scale) => scaled(gatherRows(get(weights, `${name}.weight`), ids), scale),
    project: (x, name, layout) => addBias(linear(x, get(weights, `${name}.weight`), layout), weights, name),
    normalise: (x, name, {kind, epsilon, offset}) => {
      const weight = get<tf.Tensor1D>(weights, `${name}.weight`);
      if (kind === 'layer') return layerNorm(x, weight, get(weights, `${name}.bias`), epsilon);
      return rmsNorm(x, weight, epsilon, offset);
    },
  };
}

/** x times the scale, where there is one. */
export function scaled(x: tf.Tensor2D, scale: number | undefined): tf.Tensor2D {
  return scale === undefined ? x : tf.mul(x, scale);
}

/** Adds the layer's bias, where it has one. */
export function addBias(x: tf.Tensor2D, weights: Weights, name: string): tf.Tensor2D {
  const bias = weights.get(`${name}.bias`);
  return bias ? tf.add(x, get(weights, `${name}.bias`)) : x;
}

/** The tables of each kind of attention, made when they are first asked for, and anew where a block's end has freed them. */
export function rememberTables(make: (kind: Attention) => AttentionTables): (kind: Attention) => AttentionTables {
  const made = new Map<Attention, AttentionTables>();
  return (kind) => {
    const found = made.get(kind);
    if (found && !found.mask.isDisposed) return found;
    const tables = make(kind);
    made.set(kind, tables);
    return tables;
  };
}

/** What this makes of each kind of attention, made when it is first asked for. */
function remember<T>(make: (kind: Attention) => T): (kind: Attention) => T {
  const made = new Map<Attention, T>();
  return (kind) => {
    const found = made.get(kind) ?? make(kind);
    made.set(kind, found);
    return found;
  };
}

/** Where tokens stand: each is of one row, or of all. */
export interface Places {
  /** The position of each token. */
  places: readonly number[];
  /** The same of each token that is seen. Default: `places`, those of one row. */
  keyPlaces?: readonly number[] | undefined;
  /** The position by which each key is turned. Default: `places`. */
  turned?: readonly number[];
}

/** What a kind of attention needs in every layer of a pass. */
export function tableData(
  {heads, keyValueHeads, rotary, sees, distanceBias}: Attention,
  mask: Mask,
  {places, keyPlaces = places, turned = places}: Places,
): TableData {
  return {
    mask,
    ...(rotary && {queries: rotaryTable(places, heads, rotary), keys: rotaryTable(turned, keyValueHeads, rotary)}),
    ...(distanceBias && {
      buckets: distanceBuckets(places, keyPlaces, mask.shape[2], {...distanceBias, bothWays: sees === 'all'}),
    }),
  };
}

/** {@link TableData} as tensors, with the bias that these verbs embed. */
export function tablesWithBias({distanceBias: bias}: Attention, data: TableData, verbs: TokenVerbs): AttentionTables {
  const {buckets, ...others} = data;
  if (!bias || !buckets) return tablesOf(others);
  const all = tf.range(0, bias.buckets, 1, 'int32');
  return {...tablesOf(others), bias: distanceBias(verbs.embed(all, bias.name), buckets)};
}
