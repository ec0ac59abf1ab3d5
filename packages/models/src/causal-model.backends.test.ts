import {asFloat32, readSafetensors} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readFile, readJson} from '../../../test/read-file.js';
import {gradientsOf, largest} from '../golden/compare.js';
import {type CausalModel, collate, loadModel} from './index.js';

const golden = await readJson<{
  inputs: number[][];
  targets: number[][];
  weights: number[][];
  logits: number[][][];
  loss: number;
}>(new URL('../golden/golden.json', import.meta.url));
const torchGradients = readSafetensors(
  await readFile(new URL('../golden/gradients.safetensors', import.meta.url)),
).tensors;
const {inputs, targets, weights} = golden;

let model: CausalModel;
let tensorsBefore: number;
beforeEach(async () => {
  tensorsBefore = tf.memory().numTensors;
  model = await loadModel(new URL('../golden/tiny-llama', import.meta.url));
});
afterEach(() => {
  model.dispose();
  expect(tf.memory().numTensors).toBe(tensorsBefore);
  expect(Object.keys(tf.engine().registeredVariables)).toEqual([]);
});

const lossAndGradients = (batch = {inputs, targets, weights}) => gradientsOf(() => model.loss(batch));

describe('a tiny Llama', () => {
  it('has the logits of transformers', async () => {
    const logits = model.logits(inputs);
    expect(logits.shape).toEqual([3, 7, 96]);
    const expected = golden.logits.flat(2);
    const errors = (await logits.data()).map((value, i) => value - expected[i]);
    logits.dispose();
    expect(largest(errors)).toBeLessThan(1e-4);
  });

  it('has the loss of torch and its gradient by every weight', async () => {
    const {loss, gradients} = await lossAndGradients();
    expect(loss).toBeCloseTo(golden.loss, 5);
    expect([...gradients.keys()].sort()).toEqual([...model.weights.keys()].sort());
    for (const [name, gradient] of gradients) {
      const stored = torchGradients.get(name);
      if (!stored) throw new Error(`no golden gradient of ${name}`);
      const expected = asFloat32(stored);
      const error = largest(gradient.map((value, i) => value - expected[i])) / largest(expected);
      expect(error, name).toBeLessThan(2e-5);
    }
  });

  it('has the same gradients when rows are padded and repeated', async () => {
    const short = {inputs: [inputs[1]], targets: [targets[1]], weights: [weights[1]]};
    const pad = (rows: number[][]) => [...rows, ...rows].map((row) => [...row, 0, 0]);
    const long = {inputs: pad(short.inputs), targets: pad(short.targets), weights: pad(short.weights)};
    const [one, two] = [await lossAndGradients(short), await lossAndGradients(long)];
    expect(two.loss).toBeCloseTo(one.loss, 5);
    for (const [name, gradient] of one.gradients) {
      const other = two.gradients.get(name) ?? new Float32Array();
      expect(largest(gradient.map((value, i) => value - other[i])), name).toBeLessThan(1e-5);
    }
  });

  it('takes gradients by some of its weights alone', () => {
    const name = 'model.layers.1.self_attn.k_proj.weight';
    const variable = model.weights.get(name);
    if (!variable) throw new Error('no such weight');
    const {value, grads} = tf.variableGrads(() => model.loss({inputs, targets, weights}), [variable]);
    expect(Object.keys(grads)).toEqual([name]);
    expect(grads[name].shape).toEqual([8, 16]);
    tf.dispose([value, grads]);
  });

  it('takes gradients without UnsortedSegmentSum, which stock wasm lacks', async () => {
    const kernel = tf.getKernel('UnsortedSegmentSum', tf.getBackend());
    if (kernel) tf.unregisterKernel('UnsortedSegmentSum', tf.getBackend());
    try {
      expect((await lossAndGradients()).loss).toBeCloseTo(golden.loss, 5);
    } finally {
      if (kernel) tf.registerKernel(kernel);
    }
  });

  it('learns, without a leak', async () => {
    const optimizer = tf.train.adam(0.04);
    const batch = collate([
      {ids: [1, 30, 31, 4, 40, 41, 42, 2], sourceLength: 4},
      {ids: [1, 30, 4, 40, 2], sourceLength: 3},
    ]);
    const losses: number[] = [];
    const tensors: number[] = [];
    for (let step = 0; step < 12; step++) {
      const loss = optimizer.minimize(() => model.loss(batch), true);
      if (!loss) throw new Error('no loss');
      losses.push((await loss.data())[0]);
      loss.dispose();
      tensors.push(tf.memory().numTensors);
    }
    optimizer.dispose();
    expect(losses[11]).toBeLessThan(losses[0] / 5);
    expect(new Set(tensors.slice(1)).size).toBe(1); // the optimizer's slots come with the first step
  });
});

describe('bad input', () => {
  it.each<[string, () => tf.Tensor, string]>([
    ['no row', () => model.logits([]), 'logits: ids have 0 rows of 0 tokens'],
    ['an empty row', () => model.logits([[]]), 'logits: ids have 1 rows of 0 tokens, expected 1 to 64'],
    ['rows of two lengths', () => model.logits([[1], [1, 2]]), 'row 1 has 2 entries, expected 1'],
    ['a long row', () => model.logits([new Array(65).fill(1)]), 'rows of 65 tokens'],
    ['a token too large', () => model.logits([[96]]), 'row 0 has 96, expected a token id below 96'],
    ['a negative token', () => model.logits([[-1]]), 'row 0 has -1'],
    ['a token that is none', () => model.logits([[1.5]]), 'row 0 has 1.5'],
    ['other targets', () => model.loss({inputs, targets: [[1]], weights}), 'loss: targets have 1 rows, expected 3'],
    ['other weights', () => model.loss({inputs, targets, weights: [[1], [1], [1]]}), 'row 0 has 1 entries, expected 7'],
    ['a weight below 0', () => model.loss({inputs: [[1]], targets: [[1]], weights: [[-1]]}), 'row 0 has -1, expected'],
    ['a weight that is NaN', () => model.loss({inputs: [[1]], targets: [[1]], weights: [[NaN]]}), 'row 0 has NaN'],
    ['nothing to learn', () => model.loss({inputs: [[1]], targets: [[1]], weights: [[0]]}), 'no weight is above 0'],
  ])('is refused: %s', (_, call, message) => {
    const tensors = tf.memory().numTensors;
    expect(call).toThrow(message);
    expect(tf.memory().numTensors).toBe(tensors);
  });
});
