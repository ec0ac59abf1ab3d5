import {asFloat32, readSafetensors} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readFile, readJson} from '../../../test/read-file.js';
import {errorOf, gradientsOf, readAndDispose} from '../golden/compare.js';
import {goldenUrl} from '../golden/load-family.js';
import {loadT5} from '../golden/load-t5.js';
import {forward} from './forward.js';
import type {EncoderDecoderBatch, EncoderDecoderModel, Stack, Verbs} from './index.js';
import {type Padded, pad} from './padded.js';
import {plainVerbs, withSource} from './verbs.js';
import type {Weights} from './weights.js';

// What transformers makes of tiny T5s: see golden/make-t5.py.

interface Golden {
  inputs: number[][];
  targets: number[][];
  weights: number[][];
  loss: number;
  /** Where each target counts 1. */
  meanLoss: number;
  generation: {prompt: string; answer: string}[];
}

let model: EncoderDecoderModel;
let tensorsBefore: number;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  model.dispose();
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

describe.each(['t5', 't5-v1.1'])('%s', (name) => {
  let expected: Golden;
  let tensors: Map<string, Float32Array>;
  beforeEach(async () => {
    model = await loadT5(name);
    expected = await readJson<Golden>(goldenUrl(`t5/${name}/golden.json`));
    const {tensors: stored} = readSafetensors(await readFile(goldenUrl(`t5/${name}/golden.safetensors`)));
    tensors = new Map(Array.from(stored, ([key, tensor]) => [key, asFloat32(tensor)]));
  });

  const goldenOf = (key: string): Float32Array => {
    const found = tensors.get(key);
    if (!found) throw new Error(`no golden ${key}`);
    return found;
  };

  it.each([
    ['encoded', 'inputs', (inputs: number[][]) => model.encode(inputs)],
    ['hidden', 'targets', (inputs: number[][], targets: number[][]) => model.hidden({inputs, targets})],
    ['logits', 'targets', (inputs: number[][], targets: number[][]) => model.logits({inputs, targets})],
  ] as const)('has the %s of transformers, padded and unpadded', async (what, of, compute) => {
    const {inputs, targets} = expected;
    const wanted = goldenOf(what);
    const padded = compute(inputs, targets);
    const [, width, size] = padded.shape;
    const values = await readAndDispose(padded);
    let start = 0;
    for (const [row, {length}] of expected[of].entries()) {
      const part = wanted.subarray(start * size, (start + length) * size);
      start += length;
      expect(errorOf(values.subarray(row * width * size, (row * width + length) * size), part)).toBeLessThan(1e-4);
      expect(errorOf(await readAndDispose(compute([inputs[row]], [targets[row]])), part)).toBeLessThan(1e-4);
    }
    expect(wanted.length).toBe(start * size);
  });

  it.each([{}, {recompute: true}])('has the loss of torch and its gradient by every weight: %o', async (options) => {
    const {inputs, targets, weights} = expected;
    const whole = await gradientsOf(() => model.loss({inputs, targets, weights}, options));
    expect(Math.abs(whole.loss / expected.loss - 1)).toBeLessThan(1e-5);
    expect([...whole.gradients.keys()].sort()).toEqual([...model.weights.keys()].sort());
    expect(tensors.size).toBe(whole.gradients.size + 3);
    for (const [key, gradient] of whole.gradients) {
      expect(errorOf(gradient, goldenOf(`gradient.${key}`)), key).toBeLessThan(1e-4);
    }
  });

  it('has the mean loss of torch, and gradients of rows alone that add up to those of the batch', async () => {
    const {inputs, targets, weights} = expected;
    const [mean] = await readAndDispose(model.loss({inputs, targets}));
    expect(Math.abs(mean / expected.meanLoss - 1)).toBeLessThan(1e-5);
    const total = weights.flat().reduce((sum, weight) => sum + weight, 0);
    const sums = new Map<string, Float32Array>();
    for (const [row, own] of weights.entries()) {
      const batch = {inputs: [inputs[row]], targets: [targets[row]], weights: [own]};
      const {gradients} = await gradientsOf(() => model.loss(batch));
      const share = own.reduce((sum, weight) => sum + weight, 0) / total;
      for (const [key, gradient] of gradients) {
        const sum = sums.get(key) ?? new Float32Array(gradient.length);
        sums.set(
          key,
          sum.map((value, i) => value + share * gradient[i]),
        );
      }
    }
    expect(sums.size).toBe(model.weights.size);
    for (const [key, sum] of sums) expect(errorOf(sum, goldenOf(`gradient.${key}`)), key).toBeLessThan(1e-4);
  });

  it('answers as transformers does', async () => {
    const prompts = expected.generation.map(({prompt}) => prompt);
    const answers = expected.generation.map(({answer}) => answer);
    expect(await model.generate(prompts, {maxTokens: 6})).toEqual(answers);
  });

  it('learns: every weight moves, without a leak', async () => {
    const {inputs, targets, weights} = expected;
    const optimizer = tf.train.sgd(1e-3);
    const before = new Map<string, Float32Array>();
    for (const [key, weight] of model.weights) before.set(key, Float32Array.from(await weight.data()));
    const {numTensors} = tf.memory();
    const losses: number[] = [];
    for (const recompute of [false, true]) {
      const loss = optimizer.minimize(() => model.loss({inputs, targets, weights}, {recompute}), true);
      if (!loss) throw new Error('no loss');
      losses.push((await readAndDispose(loss))[0]);
    }
    expect(tf.memory().numTensors).toBe(numTensors);
    optimizer.dispose();
    expect(losses[1]).toBeLessThan(losses[0]);
    for (const [key, weight] of model.weights) expect(await weight.data(), key).not.toEqual(before.get(key));
  });
});

describe('what decorates a verb', () => {
  it('does so in encoder and decoder, and in what one reads of the other: low-rank weights beside each matrix', async () => {
    model = await loadT5('t5-v1.1');
    const pair = (name: string): [tf.Tensor2D, tf.Tensor2D] => {
      const [out, width] = model.weights.get(`${name}.weight`)?.shape ?? [];
      return [tf.randomNormal([width, 2], 0, 0.1, 'float32', 1), tf.randomNormal([2, out], 0, 0.1, 'float32', out)];
    };
    const [source, answers] = [pad([[5, 6, 7], [8]]), pad([[0, 9], [0]])];
    const changed = new Set<string>();
    const pass = (weights: Weights, decorate: (verbs: Verbs) => Verbs): tf.Tensor2D => {
      const run = (stack: Stack, rows: Padded, from: Weights, read?: Padded) =>
        forward(stack, {
          tokens: {ids: tf.tensor1d([...rows.ids], 'int32'), places: tf.tensor1d([...rows.places], 'int32')},
          verbs: decorate(plainVerbs(rows, read)(from)),
        });
      const {encoder, decoder} = model.architecture;
      return run(decoder, answers, withSource(weights, run(encoder, source, weights)), source);
    };
    const [beside, merged] = tf.tidy(() => [
      pass(model.weights, (verbs) => ({
        ...verbs,
        project: (x, name, layout) => {
          changed.add(name);
          const [down, up] = pair(name);
          return tf.add(verbs.project(x, name, layout), tf.matMul(tf.matMul(x, down), up));
        },
      })),
      pass(
        new Map(
          Array.from(model.weights, ([key, weight]) => {
            const name = key.replace(/\.weight$/, '');
            if (!changed.has(name)) return [key, weight];
            const [down, up] = pair(name);
            return [key, tf.add(weight, tf.transpose(tf.matMul(down, up)))];
          }),
        ),
        (verbs) => verbs,
      ),
    ]);
    expect(changed.size).toBe(2 * (4 + 3) + 3 * (4 + 4 + 3));
    const expected = await readAndDispose(merged);
    expect(errorOf(await readAndDispose(beside), expected)).toBeLessThan(1e-5);
    const plain = tf.tidy(() => pass(model.weights, (verbs) => verbs));
    expect(errorOf(await readAndDispose(plain), expected)).toBeGreaterThan(1e-2);
  });
});

describe('wrong calls', () => {
  beforeEach(async () => {
    model = await loadT5('t5');
  });

  it.each<[string, unknown, string]>([
    ['no rows', {inputs: [], targets: []}, 'loss: inputs have no rows, expected at least one'],
    ['an empty row', {inputs: [[5], []], targets: [[5], [5]]}, 'loss: inputs: row 1 is empty, expected at least one'],
    ['other rows', {inputs: [[5]], targets: [[5], [5]]}, 'loss: targets have 2 rows, expected 1, as many as inputs'],
    [
      'a token that there is not',
      {inputs: [[5]], targets: [[162]]},
      'targets: row 0 has 162, expected a token id below',
    ],
    ['other weights', {inputs: [[5]], targets: [[5]], weights: [[1, 1]]}, 'weights: row 0 has 2 entries, expected 1'],
    ['rows of weights', {inputs: [[5]], targets: [[5]], weights: []}, 'weights have 0 rows, expected 1'],
    ['a weight below 0', {inputs: [[5]], targets: [[5]], weights: [[-1]]}, 'row 0 has -1, expected a number ≥ 0'],
    ['nothing to learn', {inputs: [[5]], targets: [[5]], weights: [[0]]}, 'no weight is above 0'],
    ['no targets', {inputs: [[5]]}, 'loss: batch: targets is undefined, expected an array of rows'],
  ])('refuses %s', (_, batch, message) => {
    expect(() => model.loss(batch as EncoderDecoderBatch)).toThrow(message);
  });

  it('refuses to compute without a weight that is gone', async () => {
    model.weights.get('encoder.final_layer_norm.weight')?.dispose();
    const message = 'the weight encoder.final_layer_norm.weight is disposed, expected the model to live on';
    expect(() => model.loss({inputs: [[5]], targets: [[5]]})).toThrow(message);
    await expect(model.generate(['you'])).rejects.toThrow(message);
  });
});
