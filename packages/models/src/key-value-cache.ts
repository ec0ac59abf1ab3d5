import * as tf from '@tensorflow/tfjs-core';
import {
  type AttentionSizes,
  type AttentionTables,
  attentionShares,
  type Mask,
  mergeQueries,
  splitHeads,
  splitQueries,
  tablesOf,
} from './ops/attention.js';
import {pickRows} from './ops/gather-rows.js';
import {repeatTokens} from './ops/prepend-tokens.js';
import {rotate} from './ops/rotary.js';
import {rememberTables, type TokenVerbs, tableData, tablesWithBias, type Verbs} from './verbs.js';

/** Rotated keys, and values, of each attention by its name: [rows, keyValueHeads, tokens, headSize]. */
export type KeyValueCache = Record<string, {keys: tf.Tensor4D; values: tf.Tensor4D}>;

/** What a pass that goes on from a cache is made with. */
export interface CachedPass {
  rows: number;
  /** New tokens a row. */
  length: number;
  /** The position of each new token, of one row or of all. */
  places: readonly number[];
  /** The same of each token that is seen, of as many rows. Needed where a bias is by distance. */
  keyPlaces?: readonly number[];
  /** The mask of an attention that looks so far back. */
  maskOf(window?: number): Mask;
  /** What the encoder has read, where there is one; its states, where the cache has nothing of them yet. */
  source?: {mask: Mask; states?: tf.Tensor2D | undefined} | undefined;
  /** Keys and values of a prefix, where it stands before the tokens and the cache does not have it yet. */
  prefix?: ((name: string) => [keys: tf.Tensor2D, values: tf.Tensor2D]) | undefined;
  /** The tokens so far. */
  cache: KeyValueCache;
  /** Gets the tokens so far with the new ones, in tensors that are kept. */
  next: KeyValueCache;
}

/** Lets new tokens attend to the cached ones as well, and makes keys and values of an encoder's states only once. */
export function withCache(
  verbs: TokenVerbs,
  {rows, length, places, keyPlaces, maskOf, source, prefix, cache, next}: CachedPass,
): Verbs {
  const tables = rememberTables((kind) =>
    tablesWithBias(kind, tableData(kind, maskOf(kind.window), {places, keyPlaces}), verbs),
  );
  const sourceTables = rememberTables(() => tablesOf({mask: source?.mask ?? noSource()}));
  const look = (
    queries: tf.Tensor3D,
    {keys, values}: KeyValueCache[string],
    tables: AttentionTables,
    sizes: AttentionSizes,
  ): tf.Tensor2D => {
    const flat = (x: tf.Tensor4D) => tf.reshape<tf.Rank.R3>(x, [-1, x.shape[2], x.shape[3]]);
    return mergeQueries(tf.matMul(attentionShares(queries, flat(keys), tables, sizes), flat(values)), sizes);
  };
  const apart = (x: tf.Tensor2D, sizes: AttentionSizes) =>
    tf.reshape<tf.Rank.R4>(splitHeads(x, sizes), [rows, sizes.keyValueHeads, -1, sizes.headSize]);
  const begin = (name: string, sizes: AttentionSizes): KeyValueCache[string] | undefined => {
    const first = prefix?.(name).map((x) =>
      apart(tf.reshape(repeatTokens(x, rows), [-1, x.shape[1]]), {...sizes, keyLength: x.shape[0]}),
    );
    return first && {keys: first[0], values: first[1]};
  };
  return {
    ...verbs,
    attend: ([q, k, v], name, kind) => {
      const made = tables(kind);
      const {headSize} = kind;
      const sizes = {...kind, rows, length};
      const before: KeyValueCache[string] | undefined = cache[name] ?? begin(name, sizes);
      const join = (old: tf.Tensor4D | undefined, x: tf.Tensor4D) => (old ? tf.concat<tf.Tensor4D>([old, x], 2) : x);
      const keys = join(before?.keys, apart(rotate(k, made.keys, headSize), sizes));
      const values = join(before?.values, apart(v, sizes));
      next[name] = kept({keys, values});
      return look(splitQueries(rotate(q, made.queries, headSize), sizes), next[name], made, sizes);
    },
    attendToSource: (q, read, name, kind) => {
      const sizes = {...kind, rows, length};
      const before: KeyValueCache[string] | undefined = cache[name];
      if (before) next[name] = kept({keys: again(before.keys), values: again(before.values)});
      else {
        const made = read(source?.states ?? noSource());
        const [keys, values] = made.map((x) => apart(x, {...sizes, keyLength: x.shape[0] / rows}));
        next[name] = kept({keys, values});
      }
      return look(splitQueries(q, sizes), next[name], sourceTables(kind), sizes);
    },
  };
}

function noSource(): never {
  throw new Error('a decoder attends to its encoder, expected what that has read');
}

/** Outlives the block that made it. */
function kept(cached: KeyValueCache[string]): KeyValueCache[string] {
  tf.keep(cached.keys);
  tf.keep(cached.values);
  return cached;
}

/** Another tensor of the same data, which lives on when the first is disposed of. */
function again<T extends tf.Tensor>(x: T): T {
  return tf.reshape(x, x.shape) as T;
}

/** The same cache of some of its rows. */
export function pickCache(cache: KeyValueCache, rows: tf.Tensor1D): KeyValueCache {
  const pick = ({keys, values}: KeyValueCache[string]) => ({
    keys: pickRows(keys, rows),
    values: pickRows(values, rows),
  });
  return Object.fromEntries(Object.entries(cache).map(([name, kept]) => [name, pick(kept)]));
}
