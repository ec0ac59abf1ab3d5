import {asFloat32, readSafetensors} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readFile, readJson} from '../../../test/read-file.js';
import {largest} from '../golden/compare.js';
import {goldenUrl} from '../golden/load-family.js';
import {loadT5} from '../golden/load-t5.js';
import {
  type CausalModel,
  type Continuation,
  type EncoderDecoderModel,
  type LogProbability,
  loadModel,
} from './index.js';
import {tokenLogProbabilities} from './ops/token-log-probabilities.js';

// Held to the logits of transformers, of which the logarithms of a softmax are taken here in float64.

/** What rows of logits say of tokens. */
function expected(logits: ArrayLike<number>[], tokens: readonly number[]) {
  const each = tokens.map((token, i) => {
    const row = Array.from(logits[i]);
    const most = Math.max(...row);
    const total = most + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
    return {value: row[token] - total, isBest: row.indexOf(most) === token};
  });
  return {
    sum: each.reduce((sum, {value}) => sum + value, 0),
    tokens: each.map(({value}) => value),
    isGreedy: each.every(({isBest}) => isBest),
  };
}

function check(got: LogProbability, wanted: ReturnType<typeof expected>): void {
  expect(got.tokens.length).toBe(wanted.tokens.length);
  expect(largest(wanted.tokens.map((value, i) => value - got.tokens[i]))).toBeLessThan(1e-4);
  expect(Math.abs(got.sum - wanted.sum)).toBeLessThan(2e-4);
  expect(got.isGreedy).toBe(wanted.isGreedy);
}

let tensorsBefore: number;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensorsBefore));

describe('of a tiny Llama', () => {
  let model: CausalModel;
  let inputs: number[][];
  let logits: number[][][];
  beforeEach(async () => {
    model = await loadModel(new URL('../golden/tiny-llama', import.meta.url));
    ({inputs, logits} = await readJson<{inputs: number[][]; logits: number[][][]}>(
      new URL('../golden/golden.json', import.meta.url),
    ));
  });
  afterEach(() => model.dispose());

  it('says how likely continuations are, of any length and in any batch', async () => {
    // Every split of every row, and for each first part the token that is likeliest.
    const splits = inputs.flatMap((row, i) => row.slice(1).map((_, at) => ({i, row, at: at + 1})));
    const greedy = ({i, row, at}: (typeof splits)[number]): Continuation => [
      row.slice(0, at),
      [logits[i][at - 1].indexOf(Math.max(...logits[i][at - 1]))],
    ];
    const rows = splits.flatMap((split) => [
      [split.row.slice(0, split.at), split.row.slice(split.at)] as const,
      greedy(split),
    ]);
    const wanted = splits.flatMap(({i, at}, k) => [
      expected(logits[i].slice(at - 1), rows[2 * k][1]),
      expected(logits[i].slice(at - 1), rows[2 * k + 1][1]),
    ]);
    expect(wanted.some(({isGreedy}) => isGreedy) && wanted.some(({isGreedy}) => !isGreedy)).toBe(true);
    for (const batchSize of [3, 100]) {
      const got = await model.logProbabilities(rows, {batchSize});
      for (const [i, each] of got.entries()) check(each, wanted[i]);
    }
  });

  it('is that of the weights at the call', async () => {
    const [row] = inputs;
    const rows: Continuation[] = [
      [row.slice(0, 3), row.slice(3)],
      [row.slice(0, 2), row.slice(2, 4)],
    ];
    const before = await model.logProbabilities(rows, {batchSize: 1});
    const pending = model.logProbabilities(rows, {batchSize: 1});
    for (const weight of model.weights.values()) {
      const zeros = tf.zerosLike(weight);
      weight.assign(zeros);
      zeros.dispose();
    }
    expect(await pending).toEqual(before);
    const [{tokens}] = await model.logProbabilities(rows);
    expect(tokens[0]).toBeCloseTo(-Math.log(96), 4);
  });

  it.each<[string, unknown, string]>([
    ['no array', 'ab', 'logProbabilities: rows is "ab", expected an array of [context, continuation]'],
    ['a row of one part', [[[1]]], 'expected an array of [context, continuation], each an array of token ids'],
    ['no context', [[[], [1]]], 'the context of row 0 is empty, expected at least one token'],
    ['no continuation', [[[1], []]], 'the continuation of row 0 is empty, expected at least one token'],
    ['a token too large', [[[1], [96]]], 'the continuation of row 0 has 96, expected a token id below 96'],
    ['a long row', [[new Array(64).fill(1), [1, 1]]], 'row 0 has 65 tokens to read, expected at most 64'],
  ])('refuses %s', async (_, rows, message) => {
    await expect(model.logProbabilities(rows as Continuation[])).rejects.toThrow(message);
  });

  it('takes a row that fills the model, and no rows', async () => {
    const [{tokens}] = await model.logProbabilities([[new Array(64).fill(1), [1]]]);
    expect(tokens.length).toBe(1);
    expect(await model.logProbabilities([])).toEqual([]);
  });

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController();
    const pending = model.logProbabilities([[[1], [2]]], {signal: controller.signal});
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
  });
});

it.each(['t5', 't5-v1.1'])('of %s: how likely answers are', async (name) => {
  const model: EncoderDecoderModel = await loadT5(name);
  try {
    const {inputs, targets} = await readJson<{inputs: number[][]; targets: number[][]}>(
      goldenUrl(`t5/${name}/golden.json`),
    );
    const stored = readSafetensors(await readFile(goldenUrl(`t5/${name}/golden.safetensors`))).tensors.get('logits');
    if (!stored) throw new Error('no golden logits');
    const all = asFloat32(stored);
    const size = all.length / targets.flat().length;
    const got = await model.logProbabilities(
      inputs.map((input, i) => [input, targets[i]]),
      {batchSize: 2},
    );
    let start = 0;
    for (const [i, target] of targets.entries()) {
      const rows = target.map((_, at) => all.subarray((start + at) * size, (start + at + 1) * size));
      check(got[i], expected(rows, target));
      start += target.length;
    }
  } finally {
    model.dispose();
  }
});

it('of more states than have logits at a time', async () => {
  const [hidden, embeddings] = [
    tf.randomNormal<tf.Rank.R2>([600, 4], 0, 1, 'float32', 1),
    tf.randomNormal<tf.Rank.R2>([7, 4], 0, 1, 'float32', 2),
  ];
  // Neither all states nor in order.
  const tokens = [599, 3, 256, 255, 3].map((row) => ({row, token: row % 7}));
  const made = tf.tidy(() => tokenLogProbabilities(hidden, embeddings, tokens));
  const logits = tf.matMul(hidden, embeddings, false, true);
  const rows = (await logits.array()) as number[][];
  const [values, best] = (await made.array()) as number[][];
  tf.dispose([hidden, embeddings, made, logits]);
  for (const [i, {row, token}] of tokens.entries()) {
    const {sum, isGreedy} = expected([rows[row]], [token]);
    expect(values[i]).toBeCloseTo(sum, 4);
    expect(best[i]).toBe(isGreedy ? 1 : 0);
  }
});
