import {asFloat32, readSafetensors} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readFile, readJson} from '../../../test/read-file.js';
import {testScale} from '../../../test/scale.js';
import {errorOf, gradientsOf, readAndDispose} from '../golden/compare.js';
import {families, goldenUrl, loadFamily} from '../golden/load-family.js';
import type {CausalModel} from './index.js';

// What transformers makes of a tiny model of each family: see golden/make-families.py.

interface Golden {
  /** Tokens a row that are no padding. */
  lengths: number[];
  inputs: number[][];
  targets: number[][];
  weights: number[][];
  loss: number;
  generation: {prompt: string; answer: string}[];
}

// Each is of shapes of its own, for which webgl compiles shaders: a minute a family where the device is no GPU.
const isShort = testScale < 1 && tf.getBackend() === 'webgl';

describe.each(isShort ? families.slice(0, 1) : families)('%s', (name) => {
  let model: CausalModel;
  let expected: Golden;
  let tensors: Map<string, Float32Array>;
  let tensorsBefore: number;
  beforeEach(async () => {
    tensorsBefore = tf.memory().numTensors;
    model = await loadFamily(name);
    expected = await readJson<Golden>(goldenUrl(`families/${name}/golden.json`));
    const {tensors: stored} = readSafetensors(await readFile(goldenUrl(`families/${name}/golden.safetensors`)));
    tensors = new Map(Array.from(stored, ([key, tensor]) => [key, asFloat32(tensor)]));
  });
  afterEach(() => {
    model.dispose();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  const goldenOf = (key: string): Float32Array => {
    const found = tensors.get(key);
    if (!found) throw new Error(`no golden ${key}`);
    return found;
  };
  /** Each row without its padding. */
  const rows = () => expected.lengths.map((length, row) => ({row, length, ids: expected.inputs[row].slice(0, length)}));

  it.each(['logits', 'hidden'] as const)('has the %s of transformers, padded and unpadded', async (what) => {
    const wanted = goldenOf(what);
    const padded = model[what](expected.inputs);
    const [, width, size] = padded.shape;
    const values = await readAndDispose(padded);
    let start = 0;
    for (const {row, length, ids} of rows()) {
      const part = wanted.subarray(start * size, (start + length) * size);
      start += length;
      expect(errorOf(values.subarray(row * width * size, (row * width + length) * size), part)).toBeLessThan(1e-4);
      expect(errorOf(await readAndDispose(model[what]([ids])), part)).toBeLessThan(1e-4);
    }
  });

  it('has the loss of torch and its gradient by every weight, padded and unpadded', async () => {
    const {inputs, targets, weights} = expected;
    const whole = await gradientsOf(() => model.loss({inputs, targets, weights}));
    expect(Math.abs(whole.loss / expected.loss - 1)).toBeLessThan(1e-5);
    expect([...whole.gradients.keys()].sort()).toEqual([...model.weights.keys()].sort());
    expect(tensors.size).toBe(whole.gradients.size + 2);
    for (const [key, gradient] of whole.gradients) {
      expect(errorOf(gradient, goldenOf(`gradient.${key}`)), key).toBeLessThan(1e-4);
    }

    // The batch's gradient is the mean of the rows' own, each as heavy as its weights.
    const total = weights.flat().reduce((sum, weight) => sum + weight, 0);
    const sums = new Map(Array.from(whole.gradients, ([key, {length}]) => [key, new Float32Array(length)]));
    for (const {row, length, ids} of rows()) {
      const own = weights[row].slice(0, length);
      const {gradients} = await gradientsOf(() =>
        model.loss({inputs: [ids], targets: [targets[row].slice(0, length)], weights: [own]}),
      );
      const share = own.reduce((sum, weight) => sum + weight, 0) / total;
      for (const [key, gradient] of gradients) {
        const sum = sums.get(key) ?? new Float32Array();
        for (const [i, value] of gradient.entries()) sum[i] += share * value;
      }
    }
    for (const [key, sum] of sums) expect(errorOf(sum, goldenOf(`gradient.${key}`)), key).toBeLessThan(1e-4);
  });

  it('continues as transformers does, alone and among others', async () => {
    const prompts = expected.generation.map(({prompt}) => prompt);
    const answers = expected.generation.map(({answer}) => answer);
    expect(await model.generate(prompts, {maxTokens: 6})).toEqual(answers);
    expect(await model.generate(prompts.slice(0, 1), {maxTokens: 6})).toEqual(answers.slice(0, 1));
  });

  it('learns: every weight moves, without a leak', async () => {
    const {inputs, targets, weights} = expected;
    const optimizer = tf.train.sgd(1e-3);
    const before = new Map<string, Float32Array>();
    for (const [key, weight] of model.weights) before.set(key, Float32Array.from(await weight.data()));
    const {numTensors} = tf.memory();
    const losses: number[] = [];
    for (let step = 0; step < 2; step++) {
      const loss = optimizer.minimize(() => model.loss({inputs, targets, weights}), true);
      if (!loss) throw new Error('no loss');
      losses.push((await readAndDispose(loss))[0]);
    }
    expect(tf.memory().numTensors).toBe(numTensors);
    optimizer.dispose();
    expect(losses[1]).toBeLessThan(losses[0]);
    for (const [key, weight] of model.weights) expect(await weight.data(), key).not.toEqual(before.get(key));
  });
});
