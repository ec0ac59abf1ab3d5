import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {adamw, dynamicSubset, type NamedTensor} from './index.js';

afterEach(() => tf.disposeVariables());

const make = () => dynamicSubset(adamw({learningRate: 0.1}), {parameters: 7});

async function trained(): Promise<{weights: tf.Variable; saved: NamedTensor[]}> {
  const weights = tf.variable(tf.randomNormal([40], 0, 1, 'float32', 1), true, 'weights');
  const optimizer = make();
  for (let step = 0; step < 5; step++) optimizer.minimize(() => tf.sum(tf.square(weights)));
  const saved = await optimizer.getWeights();
  optimizer.dispose();
  return {weights, saved};
}

describe('getWeights', () => {
  it('names what it gives after variables and silos', async () => {
    const {saved} = await trained();
    expect(saved.map(({name}) => name)).toEqual([
      'iter',
      'slots/weights/mean',
      'slots/weights/variance',
      'subset/weights/shape',
      'subset/weights/mask',
      'subset/weights/seeds',
      'subset/weights/info',
      'subset/weights/budget',
    ]);
    tf.dispose(saved.map(({tensor}) => tensor));
  });

  it('gives copies, which later steps do not change', async () => {
    const weights = tf.variable(tf.ones([40]), true, 'weights');
    const optimizer = make();
    const step = () => optimizer.minimize(() => tf.sum(tf.square(weights)));
    step();
    const saved = await optimizer.getWeights();
    const before = await Promise.all(saved.map(async ({tensor}) => [...(await tensor.data())]));
    step();
    const after = await Promise.all(saved.map(async ({tensor}) => [...(await tensor.data())]));
    expect(after).toEqual(before);
    tf.dispose(saved.map(({tensor}) => tensor));
    optimizer.dispose();
  });
});

describe('setWeights', () => {
  it.each(['before', 'after'])('%s the first step, goes on where the other stopped', async (when) => {
    const {weights, saved} = await trained();
    const values = (await weights.data()).slice();
    const run = async (optimizer: ReturnType<typeof make>, steps: number) => {
      for (let step = 0; step < steps; step++) optimizer.minimize(() => tf.sum(tf.square(weights)));
      return [...(await weights.data())];
    };
    const reset = () => {
      const tensor = tf.tensor(values);
      weights.assign(tensor);
      tensor.dispose();
    };
    const one = make();
    await one.setWeights(saved);
    const straight = await run(one, 3);
    one.dispose();

    reset();
    const other = make();
    if (when === 'after') {
      await run(other, 2);
      reset();
    }
    await other.setWeights(saved);
    expect(await run(other, 3)).toEqual(straight);
    expect((await other.stats()).size).toBe(7);
    other.dispose();
    tf.dispose(saved.map(({tensor}) => tensor));
  });

  it('goes on on another backend, and back', async () => {
    const {weights, saved} = await trained();
    const values = (await weights.data()).slice();
    const backend = tf.getBackend();
    const steps = async (from: NamedTensor[], backends: string[]) => {
      let carried = from;
      let current: Iterable<number> = values;
      for (const name of backends) {
        await tf.setBackend(name);
        // By way of the host: not every backend can be read synchronously, as moving a tensor does.
        const start = tf.tensor([...current]);
        weights.assign(start);
        start.dispose();
        const optimizer = make();
        await optimizer.setWeights(carried);
        optimizer.minimize(() => tf.sum(tf.square(weights)));
        carried = await optimizer.getWeights();
        current = await weights.data();
        optimizer.dispose();
      }
      return Promise.all(carried.map(async ({tensor}) => [...(await tensor.data())]));
    };
    const straight = await steps(saved, [backend, backend, backend]);
    const carried = await steps(saved, [backend, 'cpu', backend]);
    const [mask, info] = [4, 6];
    expect(carried[mask]).toEqual(straight[mask]);
    expect(carried[info].slice(0, 3)).toEqual(straight[info].slice(0, 3));
    for (const i of [1, 2, 5]) {
      carried[i].forEach((value, j) => {
        expect(value).toBeCloseTo(straight[i][j], 5);
      });
    }
  });

  it('refuses what does not fit and keeps what it had', async () => {
    const {weights, saved} = await trained();
    const optimizer = make();
    optimizer.minimize(() => tf.sum(tf.square(weights)));
    const tensors = tf.memory().numTensors;
    const without = saved.filter(({name}) => !name.endsWith('mask'));
    await expect(optimizer.setWeights(without)).rejects.toThrow("saved weights lack 'subset/weights/mask'");
    const wrong = saved.map(({name, tensor}) => ({name, tensor: name.endsWith('mean') ? saved[4].tensor : tensor}));
    await expect(optimizer.setWeights(wrong)).rejects.toThrow(
      "saved 'slots/weights/mean' is int32 [2], expected float32 [40]",
    );
    await expect(optimizer.setWeights(saved.slice(1))).rejects.toThrow("expected 'iter'");
    expect(tf.memory().numTensors).toBe(tensors);
    expect(optimizer.iterations).toBe(1);
    tf.dispose(saved.map(({tensor}) => tensor));
    optimizer.dispose();
  });

  it('of another model is refused by the first step, and given back by dispose', async () => {
    const {weights, saved} = await trained();
    weights.dispose();
    const other = tf.variable(tf.ones([30]), true, 'other');
    const start = tf.memory().numTensors;
    const optimizer = make();
    await optimizer.setWeights(saved);
    const gradient = tf.ones([30]);
    expect(() => optimizer.applyGradients({other: gradient})).toThrow(
      'the saved state is of other variables: "weights" stands where "other" is expected',
    );
    expect(new Set(await other.data())).toEqual(new Set([1]));
    optimizer.dispose();
    gradient.dispose();
    expect(tf.memory().numTensors).toBe(start);
    tf.dispose(saved.map(({tensor}) => tensor));
  });
});
