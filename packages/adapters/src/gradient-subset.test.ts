import {adamw, sgd} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {gradientSubset} from './gradient-subset.js';

afterEach(() => tf.disposeVariables());

/** A loss whose gradient is `slope`, whatever the weights are. */
const along = (variable: tf.Variable, slope: number[]) => () =>
  tf.tidy(() => tf.sum(tf.mul(variable, tf.tensor(slope, variable.shape)))) as tf.Scalar;

describe('gradientSubset', () => {
  it('chooses where the gradients of all losses add up to the most, by size', async () => {
    const weights = tf.variable(tf.tensor1d([1, 2, 3, 4, 5]));
    const losses = [along(weights, [3, -1, 0, 2, 0]), along(weights, [-3, -4, 1, 2, 0])];
    const tensors = tf.memory().numTensors;
    const optimizer = await gradientSubset(sgd({learningRate: 1}), {parameters: 2, losses});
    expect(tf.memory().numTensors).toBe(tensors);
    for (let step = 0; step < 3; step++) optimizer.minimize(losses[0]);
    expect((await optimizer.subset()).map(({positions}) => [...positions])).toEqual([[0, 1]]);
    expect([...(await weights.data())]).toEqual([-8, 5, 3, 4, 5]);
    expect((await optimizer.stats()).entered).toBe(0);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('takes by weight and gradient what the loss would lose most by', async () => {
    const weights = tf.variable(tf.tensor1d([0.1, 2, 3]));
    const losses = [along(weights, [9, 3, 1])];
    const chosen = async (score: 'gradient' | 'weight-gradient') => {
      const optimizer = await gradientSubset(sgd({learningRate: 1e-3}), {parameters: 1, losses, score});
      optimizer.minimize(losses[0]);
      const [{positions}] = await optimizer.subset();
      optimizer.dispose();
      return [...positions];
    };
    expect(await chosen('gradient')).toEqual([0]);
    expect(await chosen('weight-gradient')).toEqual([1]);
  });

  it('gives each silo its share, of the variables that it is given or that the losses depend on', async () => {
    const a = tf.variable(tf.ones([2, 2]), true, 'a');
    const b = tf.variable(tf.ones([4]), true, 'b');
    tf.variable(tf.ones([100]), true, 'unused');
    const both = () => tf.add(along(a, [1, 2, 3, 4])(), along(b, [8, 7, 6, 5])()) as tf.Scalar;
    const subset = async (options: {silos?: 'tensor' | 'global'; variables?: tf.Variable[]}) => {
      const optimizer = await gradientSubset(adamw({learningRate: 0.1}), {density: 0.25, losses: [both], ...options});
      optimizer.minimize(both, false, options.variables ?? [a, b]);
      const changes = await optimizer.subset();
      optimizer.dispose();
      return changes.map(({name, positions}) => [name, ...positions]);
    };
    expect(await subset({})).toEqual([
      ['a', 3],
      ['b', 0],
    ]);
    expect(await subset({silos: 'global'})).toEqual([['b', 0, 1]]);
    expect(await subset({variables: [a]})).toEqual([['a', 3]]);
  });

  it('takes losses that come one after the other', async () => {
    const weights = tf.variable(tf.tensor1d([1, 1]));
    async function* losses() {
      yield along(weights, [1, 0]);
      yield along(weights, [0, 3]);
    }
    const optimizer = await gradientSubset(sgd({learningRate: 1}), {parameters: 1, losses: losses()});
    optimizer.minimize(along(weights, [1, 1]));
    expect([...(await optimizer.subset())[0].positions]).toEqual([1]);
    optimizer.dispose();
  });

  it('leaves nothing behind where a loss throws or there is none', async () => {
    const weights = tf.variable(tf.tensor1d([1, 1]));
    const {numTensors} = tf.memory();
    const fails = () => {
      throw new Error('no batch');
    };
    const make = (losses: (() => tf.Scalar)[]) => gradientSubset(sgd({learningRate: 1}), {parameters: 1, losses});
    await expect(make([along(weights, [1, 0]), fails])).rejects.toThrow('no batch');
    await expect(make([])).rejects.toThrow('gradientSubset: losses has none, expected at least one');
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
