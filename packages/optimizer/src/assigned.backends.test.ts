import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {adafactor, adam, dynamicSubset, project, type SubsetOptimizer, type SubsetOptions, sgd} from './index.js';

const makers: Record<string, (options: SubsetOptions) => SubsetOptimizer> = {
  sgd: (options) => dynamicSubset(sgd({learningRate: 0.1}), options),
  adam: (options) => dynamicSubset(adam({learningRate: 0.1}), options),
  adafactor: (options) => dynamicSubset(adafactor({learningRate: 0.1}), options),
  project: (options) => project(tf.train.adam(0.1), options),
};

let kernel: tf.Variable;
let bias: tf.Variable;
beforeEach(() => {
  kernel = tf.variable(tf.randomNormal([5, 9], 0, 1, 'float32', 1), true, 'kernel');
  bias = tf.variable(tf.randomNormal([9], 0, 1, 'float32', 2), true, 'bias');
});
afterEach(() => tf.disposeVariables());

const step = (optimizer: SubsetOptimizer, times = 1) => {
  for (let i = 0; i < times; i++) {
    optimizer.minimize(() => tf.add(tf.sum(tf.square(kernel)), tf.sum(tf.pow(bias, 4))), false, [kernel, bias]);
  }
};
const valuesOf = async (weights: tf.Variable) => [...(await weights.data())];
const assign = (weights: tf.Variable, value: tf.Tensor) => {
  weights.assign(value);
  value.dispose();
};
/** What a delta would make of these seeds. */
async function patched(optimizer: SubsetOptimizer, weights: tf.Variable, seed: number[]): Promise<number[]> {
  const change = (await optimizer.subset()).find(({name}) => name === weights.name);
  const result = [...seed];
  change?.positions.forEach((at, i) => {
    expect(change.seeds[i]).toBe(seed[at]);
    result[at] = change.values[i];
  });
  return result;
}

describe.each(Object.entries(makers))('weights that somebody else assigns to, %s', (_, maker) => {
  const message = "variable 'bias' has been assigned to since the last step";
  const changes: [how: string, change: () => void][] = [
    ['other values', () => assign(bias, tf.zeros([9]))],
    [
      'the same values, from a checkpoint',
      () =>
        assign(
          bias,
          tf.tidy(() => tf.mul(bias, 1)),
        ),
    ],
    [
      'by an op of a layer',
      () =>
        assign(
          bias,
          tf.tidy(() => tf.add(bias, 1)),
        ),
    ],
  ];
  it.each(changes)('are noticed: %s', async (_, change) => {
    const optimizer = maker({density: 0.3});
    step(optimizer, 3);
    change();
    const {numTensors} = tf.memory();
    const before = [await valuesOf(kernel), await valuesOf(bias)];
    expect(() => step(optimizer)).toThrow(`applyGradients: ${message}`);
    await expect(optimizer.subset()).rejects.toThrow(`subset: ${message}`);
    await expect(optimizer.getWeights()).rejects.toThrow(`getWeights: ${message}`);
    expect([await valuesOf(kernel), await valuesOf(bias)]).toEqual(before);
    expect([tf.memory().numTensors, optimizer.iterations]).toEqual([numTensors, 3]);
    optimizer.dispose();
  });

  it('are the seed after rebase, and the budget holds from there', async () => {
    const optimizer = maker({density: 0.3, silos: 'global'});
    step(optimizer, 3);
    assign(bias, tf.fill([9], 2));
    const seeds = [await valuesOf(kernel), await valuesOf(bias)];
    const {numTensors} = tf.memory();
    optimizer.rebase();
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(await optimizer.subset()).toEqual([]);
    const {size, entered, left, budget} = await optimizer.stats();
    expect([size, entered, left, budget, optimizer.iterations]).toEqual([0, 0, 0, 16, 3]);
    step(optimizer, 3);
    for (const [i, weights] of [kernel, bias].entries()) {
      expect(await valuesOf(weights)).toEqual(await patched(optimizer, weights, seeds[i]));
    }
    const stats = await optimizer.stats();
    expect(stats.size).toBe(16);
    optimizer.dispose();
  });

  it('are the seed after rebase of a subset that stays, at its places', async () => {
    const optimizer = maker({density: 0.3, silos: 'global', freezeAfter: 2});
    step(optimizer, 3);
    const places = (await optimizer.subset()).map(({name, positions}) => ({name, positions}));
    assign(bias, tf.fill([9], 2));
    assign(
      kernel,
      tf.tidy(() => tf.mul(kernel, -3)),
    );
    const seeds = [await valuesOf(kernel), await valuesOf(bias)];
    optimizer.rebase();
    step(optimizer, 2);
    expect((await optimizer.subset()).map(({name, positions}) => ({name, positions}))).toEqual(places);
    for (const [i, weights] of [kernel, bias].entries()) {
      expect(await valuesOf(weights)).toEqual(await patched(optimizer, weights, seeds[i]));
    }
    optimizer.dispose();
  });

  it('go on where weights and state are put back together', async () => {
    const optimizer = maker({density: 0.3});
    step(optimizer, 3);
    const best = {state: await optimizer.getWeights(), weights: [tf.clone(kernel), tf.clone(bias)]};
    const expected = [await optimizer.subset(), (await optimizer.stats()).size];
    step(optimizer, 2);
    kernel.assign(best.weights[0]);
    bias.assign(best.weights[1]);
    await optimizer.setWeights(best.state);
    expect([await optimizer.subset(), (await optimizer.stats()).size]).toEqual(expected);
    step(optimizer);
    expect(optimizer.iterations).toBe(4);
    tf.dispose(best.weights);
    optimizer.dispose();
  });

  it('do not matter before the first step', async () => {
    const optimizer = maker({density: 0.3});
    optimizer.rebase();
    assign(bias, tf.ones([9]));
    step(optimizer);
    const change = (await optimizer.subset()).find(({name}) => name === 'bias');
    expect(new Set(change?.seeds)).toEqual(new Set([1]));
    optimizer.dispose();
  });
});

it('a rebase does not come between a saved state and the first step', async () => {
  const make = () => dynamicSubset(sgd({learningRate: 0.1}), {density: 0.3});
  const optimizer = make();
  step(optimizer);
  const other = make();
  await other.setWeights(await optimizer.getWeights());
  expect(() => other.rebase()).toThrow('rebase: a saved state waits for the first step, expected that step first');
  step(other);
  other.rebase();
  optimizer.dispose();
  other.dispose();
});

it.runIf(tf.getBackend() !== 'cpu')('moving to another backend is no assignment', async () => {
  const backend = tf.getBackend();
  const optimizer = dynamicSubset(sgd({learningRate: 0.1}), {density: 0.3});
  step(optimizer);
  const before = await optimizer.subset();
  // Read once, values are on the host too, from where they can be moved on any backend.
  await tf.setBackend('cpu');
  await tf.setBackend(backend);
  expect(await optimizer.subset()).toEqual(before);
  step(optimizer);
  optimizer.dispose();
});
