import type * as tf from '@tensorflow/tfjs-core';
import type {Stack} from './architecture.js';
import type {DecoratedPass} from './decorated-model.js';
import {forward} from './forward.js';
import {ints} from './ints.js';
import {prependTokens} from './ops/prepend-tokens.js';
import type {Padded} from './padded.js';
import {recompute} from './recompute.js';
import {plainVerbs, type Sequences, type Verbs} from './verbs.js';
import type {VirtualTokens} from './virtual-tokens.js';
import type {Weights} from './weights.js';

/** A pass over a decorated model, whatever its weights are kept in. */
export type StackPass = Omit<DecoratedPass, 'weights'> & {weights: Weights};

/** What {@link hiddenStates} can be told. */
export interface HiddenStatesOptions {
  /**
   * The tokens whose state is wanted, as they are counted in the rows, where not all are; or the first of each row, which
   * is a virtual one where there are such.
   */
  wanted?: readonly number[] | 'first' | undefined;
  /** Whether the states of a prompt are wanted, too. Default false. */
  withPrompt?: boolean;
  /** See `recompute`. */
  recompute?: boolean | undefined;
  /** What a decoder's encoder has read: the weights are then those of `withSource`. */
  source?: Sequences | undefined;
  /** Decorates verbs before others do, but for blocks that are recomputed. */
  decorateFirst?(verbs: Verbs): Verbs;
}

/**
 * The last hidden states of rows, from their tokens: [tokens or wanted, hiddenSize]. What there is for padding means nothing.
 *
 * @param rows With the kind of each token, where there are kinds.
 */
export function hiddenStates(
  stack: Stack,
  {weights, decorate, prompt, prefix}: StackPass,
  rows: Padded & {types?: readonly number[]},
  {wanted, withPrompt = false, recompute: isRecomputed, source, decorateFirst}: HiddenStatesOptions = {},
): tf.Tensor2D {
  const all = lengthen(rows, {prompt, prefix});
  const plain = plainVerbs({...all, prefix}, source);
  const verbs = (weights: Weights) => decorate(plain(weights), weights);
  const places = withPrompt ? undefined : placesIn(all, rows, wanted);
  return forward(stack, {
    tokens: {ids: ints(rows.ids), places: ints(all.places), types: all.types && ints(all.types)},
    verbs: decorateFirst ? decorate(decorateFirst(plain(weights)), weights) : verbs(weights),
    ahead: prompt && ((x) => prependTokens(prompt.embed(weights), x, rows.rows)),
    wanted: places && ints(places),
    runBlock: isRecomputed ? (block, x) => recompute(block, x, weights, verbs) : undefined,
  });
}

/** Rows with the places of a prompt before each. Their ids are without it. */
export function lengthen<Rows extends Padded & {types?: readonly number[]}>(
  rows: Rows,
  {prompt, prefix}: VirtualTokens,
): Rows {
  const [more, first] = [prompt?.tokens ?? 0, prefix?.tokens ?? 0];
  if (more + first === 0) return rows;
  const length = more + rows.length;
  const {types} = rows;
  const each = <T>(value: (row: number, at: number) => T) =>
    Array.from({length: rows.rows * length}, (_, i) => value(Math.floor(i / length), i % length));
  return {
    ...rows,
    length,
    lengths: rows.lengths.map((own) => more + own),
    places: each((_, at) => first + at),
    ...(types && {types: each((row, at) => (at < more ? 0 : types[row * rows.length + at - more]))}),
  };
}

/** Where among all tokens those are that are wanted of rows. */
function placesIn(all: Sequences, own: Sequences, wanted: HiddenStatesOptions['wanted']): number[] | undefined {
  const more = all.length - own.length;
  if (wanted === 'first') return Array.from({length: all.rows}, (_, row) => row * all.length);
  if (more === 0) return wanted && [...wanted];
  const places = wanted ?? Array.from({length: own.rows * own.length}, (_, at) => at);
  return places.map((at) => at + more * (Math.floor(at / own.length) + 1));
}
