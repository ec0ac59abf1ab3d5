import {
  abortSignal,
  check,
  checkOptions,
  type Kind,
  type Kinds,
  optional,
  show,
  wholeNumber,
} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import {byLength} from './by-length.js';
import {type TokenAt, tokenLogProbabilities} from './ops/token-log-probabilities.js';

/** Token ids of a context and of what may follow it, each at least one. */
export type Continuation = readonly [context: readonly number[], continuation: readonly number[]];

/** How likely a continuation is. */
export interface LogProbability {
  /** The natural logarithm of the probability of all its tokens together. */
  sum: number;
  /** That of each token, by those before it. */
  tokens: Float32Array;
  /** Whether each token is the likeliest one: greedy generation would say the same. */
  isGreedy: boolean;
}

/** What `logProbabilities` can be told. */
export interface LogProbabilityOptions {
  /** At most so many rows at a time. Default 16. */
  batchSize?: number;
  /** Ends the call with an error, the signal's reason. */
  signal?: AbortSignal;
}

const OPTIONS: Kinds<LogProbabilityOptions> = {batchSize: optional(wholeNumber(1)), signal: optional(abortSignal)};
const ROWS: Kind = {
  expected: 'an array of [context, continuation], each an array of token ids',
  is: (value) =>
    Array.isArray(value) &&
    value.every((row) => Array.isArray(row) && row.length === 2 && row.every((part) => Array.isArray(part))),
};

/** What a model needs to say how likely continuations are. */
export interface ContinuationScorer {
  vocabularySize: number;
  /** What is read to be asked about a continuation, and after which of its tokens the continuation begins. */
  read(row: Continuation): {ids: readonly number[]; begin: number};
  /** The most tokens that can be read. */
  maxPositions: number;
  /** The hidden states of these tokens of these rows, [places, hiddenSize], and the output layer's weight. */
  states(
    rows: readonly Continuation[],
    places: readonly {row: number; place: number}[],
  ): {hidden: tf.Tensor2D; output: tf.Tensor2D};
}

/** What is read once, and the continuations, by number, that are asked about in it. */
interface ReadOnce {
  row: Continuation;
  length: number;
  asked: {index: number; begin: number; ids: readonly number[]}[];
}

/**
 * See `CausalModel.logProbabilities`. What is read alike is read once: two choices of one token after one context are.
 */
export async function logProbabilities(
  rows: readonly Continuation[],
  options: LogProbabilityOptions,
  scorer: ContinuationScorer,
): Promise<LogProbability[]> {
  const {batchSize = 16, signal} = options;
  const answers = new Array<LogProbability>(rows.length);
  await byLength(readTogether(rows, scorer), batchSize, async (batch) => {
    if (signal) await new Promise((resolve) => setTimeout(resolve)); // several backends answer without a turn
    signal?.throwIfAborted();
    const {places, tokens} = placesOf(batch);
    const made = tf.tidy(() => {
      const {hidden, output} = scorer.states(
        batch.map(({row}) => row),
        places,
      );
      return tokenLogProbabilities(hidden, output, tokens);
    });
    try {
      const data = await made.data<'float32'>();
      // As the tokens were put: continuation after continuation.
      const best = data.subarray(tokens.length);
      let at = 0;
      for (const {index, ids} of batch.flatMap(({asked}) => asked)) {
        const values = data.slice(at, at + ids.length);
        const isGreedy = best.subarray(at, at + ids.length).every((one) => one === 1);
        answers[index] = {sum: values.reduce((sum, value) => sum + value, 0), tokens: values, isGreedy};
        at += ids.length;
      }
    } finally {
      made.dispose();
    }
    return batch;
  });
  return answers;
}

/** Throws where the call is wrong. */
export function checkLogProbabilities(
  rows: readonly Continuation[],
  options: LogProbabilityOptions,
  {vocabularySize, maxPositions, read}: Omit<ContinuationScorer, 'states'>,
): void {
  check('logProbabilities: rows', rows, ROWS);
  checkOptions('logProbabilities', options, OPTIONS);
  const isToken = (id: number) => Number.isInteger(id) && id >= 0 && id < vocabularySize;
  for (const [i, [context, continuation]] of rows.entries()) {
    for (const [name, ids] of Object.entries({context, continuation})) {
      const what = `logProbabilities: the ${name} of row ${i}`;
      if (ids.length === 0) throw new Error(`${what} is empty, expected at least one token`);
      const wrong = ids.find((id) => !isToken(id));
      if (wrong !== undefined)
        throw new Error(`${what} has ${show(wrong)}, expected a token id below ${vocabularySize}`);
    }
    const {length} = read([context, continuation]).ids;
    if (length <= maxPositions) continue;
    throw new Error(`logProbabilities: row ${i} has ${length} tokens to read, expected at most ${maxPositions}`);
  }
}

function readTogether(rows: readonly Continuation[], {read}: ContinuationScorer): ReadOnce[] {
  const found = new Map<string, ReadOnce>();
  for (const [index, row] of rows.entries()) {
    const {ids, begin} = read(row);
    const key = ids.join();
    const once = found.get(key) ?? {row, length: ids.length, asked: []};
    once.asked.push({index, begin, ids: row[1]});
    found.set(key, once);
  }
  return [...found.values()];
}

/** The places of a batch that are asked about, row after row, and the tokens that are asked about after them. */
function placesOf(batch: readonly ReadOnce[]): {places: {row: number; place: number}[]; tokens: TokenAt[]} {
  const places: {row: number; place: number}[] = [];
  const tokens: TokenAt[] = [];
  for (const [row, {asked}] of batch.entries()) {
    const first = asked.reduce((least, {begin}) => Math.min(least, begin), Infinity);
    const end = asked.reduce((most, {begin, ids}) => Math.max(most, begin + ids.length), 0);
    const base = places.length - first;
    for (let place = first; place < end; place++) places.push({row, place});
    for (const {begin, ids} of asked) {
      tokens.push(...ids.map((token, i) => ({row: base + begin + i, token})));
    }
  }
  return {places, tokens};
}
