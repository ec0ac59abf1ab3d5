import * as tf from '@tensorflow/tfjs-core';
import {attentionShares, type Mask, mergeQueries, splitHeads, splitQueries, tablesOf} from './ops/attention.js';
import {pickRows} from './ops/gather-rows.js';
import {rotate} from './ops/rotary.js';
import {remember, tableData, type Verbs} from './verbs.js';

/** Rotated keys, and values, of each attention by its name: [rows, keyValueHeads, tokens, headSize]. */
export type KeyValueCache = Record<string, {keys: tf.Tensor4D; values: tf.Tensor4D}>;

/** What a pass that goes on from a cache is made with. */
export interface CachedPass {
  rows: number;
  /** New tokens a row. */
  length: number;
  /** The position of each new token, of one row or of all. */
  places: readonly number[];
  /** The mask of an attention that looks so far back. */
  maskOf(window?: number): Mask;
  /** The tokens so far. */
  cache: KeyValueCache;
  /** Gets the tokens so far with the new ones. */
  next: KeyValueCache;
}

/** Lets new tokens attend to the cached ones as well. */
export function withCache(
  verbs: Omit<Verbs, 'attend'>,
  {rows, length, places, maskOf, cache, next}: CachedPass,
): Verbs {
  const tables = remember((kind) => tablesOf(tableData(kind, places, maskOf(kind.window))));
  return {
    ...verbs,
    attend: ([q, k, v], name, kind) => {
      const {queries: queryTable, keys: keyTable, mask} = tables(kind);
      const {keyValueHeads, headSize} = kind;
      const sizes = {...kind, rows, length};
      const apart = (x: tf.Tensor2D) =>
        tf.reshape<tf.Rank.R4>(splitHeads(x, sizes), [rows, keyValueHeads, length, headSize]);
      const flat = (x: tf.Tensor4D) => tf.reshape<tf.Rank.R3>(x, [rows * keyValueHeads, x.shape[2], headSize]);
      const before: KeyValueCache[string] | undefined = cache[name];
      const join = (old: tf.Tensor4D | undefined, x: tf.Tensor4D) => (old ? tf.concat<tf.Tensor4D>([old, x], 2) : x);
      const keys = join(before?.keys, apart(rotate(k, keyTable, headSize)));
      const values = join(before?.values, apart(v));
      next[name] = {keys, values};
      const queries = splitQueries(rotate(q, queryTable, headSize), sizes);
      const share = attentionShares(queries, flat(keys), mask, sizes);
      return mergeQueries(tf.matMul(share, flat(values)), sizes);
    },
  };
}

/** The same cache of some of its rows. */
export function pickCache(cache: KeyValueCache, rows: tf.Tensor1D): KeyValueCache {
  const pick = ({keys, values}: KeyValueCache[string]) => ({
    keys: pickRows(keys, rows),
    values: pickRows(values, rows),
  });
  return Object.fromEntries(Object.entries(cache).map(([name, kept]) => [name, pick(kept)]));
}
