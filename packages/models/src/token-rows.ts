import {arrayOf, check, isObject, type Kind, show} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import type {ModelConfig, Stack} from './architecture.js';
import type {LossOptions} from './causal-model.js';
import {forward} from './forward.js';
import {ints} from './ints.js';
import {type Padded, pad} from './padded.js';
import {recompute} from './recompute.js';
import {plainVerbs, type Sequences, type Verbs} from './verbs.js';
import type {Weights} from './weights.js';

/** The tokens of a text, special ones included; or of a pair of texts, with the kind of each token: 0 or 1. */
export type TokenRow = readonly number[] | {readonly ids: readonly number[]; readonly tokenTypes?: readonly number[]};

/** Rows of tokens of several kinds, filled up to one length. */
export interface PaddedRows extends Padded {
  /** The kind of each token. */
  types: readonly number[];
}

const ROWS: Kind = arrayOf(
  {expected: '', is: (row) => Array.isArray(row) || (isObject(row) && Array.isArray(row.ids))},
  'an array of rows, each an array of token ids or {ids, tokenTypes}',
);

/** Checks rows of tokens and pads them on the right. */
export function padRows(
  what: string,
  rows: readonly TokenRow[],
  {vocabularySize, maxPositions, tokenTypes = 0}: ModelConfig & {tokenTypes?: number},
): PaddedRows {
  check(what, rows, ROWS);
  if (rows.length === 0) throw new Error(`${what} have no rows, expected at least one`);
  const read = rows.map((row) => ('ids' in row ? row : {ids: row}));
  for (const [i, {ids, tokenTypes: types = []}] of read.entries()) {
    if (ids.length === 0 || ids.length > maxPositions) {
      throw new Error(`${what}: row ${i} has ${ids.length} tokens, expected 1 to ${maxPositions}`);
    }
    checkEach(`${what}: row ${i}`, ids, vocabularySize, `a token id below ${vocabularySize}`);
    if (types.length === 0) continue;
    if (types.length !== ids.length) {
      throw new Error(`${what}: row ${i} has ${types.length} tokenTypes, expected ${ids.length}, one a token`);
    }
    // A model that knows no kinds takes what a tokenizer says of them, and does not look at it.
    const kinds = tokenTypes || Infinity;
    checkEach(`${what}: row ${i}: tokenTypes`, types, kinds, `a whole number below ${kinds}`);
  }
  const types = read.map(({ids, tokenTypes}) => tokenTypes ?? ids.map(() => 0));
  return {...pad(read.map(({ids}) => ids)), types: pad(types).ids};
}

function checkEach(what: string, values: readonly number[], below: number, expected: string): void {
  for (const value of values) {
    if (!(Number.isInteger(value) && value >= 0 && value < below)) {
      throw new Error(`${what} has ${show(value)}, expected ${expected}`);
    }
  }
}

/** Where each row begins, or ends, among the tokens of all rows. */
export function placesOf({rows, length, lengths}: PaddedRows, end: 'first' | 'last'): number[] {
  return Array.from({length: rows}, (_, row) => row * length + (end === 'first' ? 0 : lengths[row] - 1));
}

/**
 * The last hidden states of rows, from their tokens: [tokens or wanted, hiddenSize]. What there is for padding means nothing.
 *
 * @param wanted The tokens whose state is wanted, where not all are.
 */
export function hiddenStates(
  stack: Stack,
  {weights, decorate}: {weights: Weights; decorate(verbs: Verbs, weights: Weights): Verbs},
  rows: PaddedRows,
  wanted?: readonly number[],
  options: LossOptions = {},
): tf.Tensor2D {
  const plain = plainVerbs(rows);
  const verbs = (weights: Weights) => decorate(plain(weights), weights);
  return forward(stack, {
    tokens: {ids: ints(rows.ids), places: ints(rows.places), types: ints(rows.types)},
    verbs: verbs(weights),
    wanted: wanted && ints(wanted),
    runBlock: options.recompute ? (block, x) => recompute(block, x, weights, verbs) : undefined,
  });
}

/** The same as [rows, length, width]. */
export function byRow(x: tf.Tensor2D, {rows, length}: Sequences): tf.Tensor3D {
  return tf.reshape(x, [rows, length, x.shape[1]]);
}
