import {arrayOf, check, isObject, type Kind, show} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import type {ModelConfig} from './architecture.js';
import {type Padded, pad} from './padded.js';
import type {Sequences} from './verbs.js';

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

/**
 * Checks rows of tokens and pads them on the right.
 *
 * @param most How many tokens a row may have.
 */
export function padRows(
  what: string,
  rows: readonly TokenRow[],
  {vocabularySize, tokenTypes = 0}: ModelConfig & {tokenTypes?: number},
  most: number,
): PaddedRows {
  check(what, rows, ROWS);
  if (rows.length === 0) throw new Error(`${what} have no rows, expected at least one`);
  const read = rows.map((row) => ('ids' in row ? row : {ids: row}));
  for (const [i, {ids, tokenTypes: types = []}] of read.entries()) {
    if (ids.length === 0 || ids.length > most) {
      throw new Error(`${what}: row ${i} has ${ids.length} tokens, expected 1 to ${most}`);
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

/** Where each row ends among the tokens of all rows. */
export function lastPlaces({rows, length, lengths}: PaddedRows): number[] {
  return Array.from({length: rows}, (_, row) => row * length + lengths[row] - 1);
}

/** The same as [rows, length, width]. */
export function byRow(x: tf.Tensor2D, {rows, length}: Sequences): tf.Tensor3D {
  return tf.reshape(x, [rows, length, x.shape[1]]);
}
