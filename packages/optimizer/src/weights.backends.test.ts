import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {adafactor, adamw, dynamicSubset, type NamedTensor, project, type SubsetOptimizer} from './index.js';

afterEach(() => tf.disposeVariables());

const make = () => dynamicSubset(adamw({learningRate: 0.1}), {parameters: 7});
const makers: Record<string, () => SubsetOptimizer> = {
  adamw: make,
  adafactor: () => dynamicSubset(adafactor({learningRate: 0.1}), {parameters: 7}),
  'project of adagrad': () => project(tf.train.adagrad(0.1), {parameters: 7}),
  'project of rmsprop': () => project(tf.train.rmsprop(0.1), {parameters: 7}),
};

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

  const read = (saved: NamedTensor[]) => Promise.all(saved.map(async ({tensor}) => [...(await tensor.data())]));

  // tf.train.adam makes its bias corrections anew when it is loaded, and on GPUs with other last bits.
  const adam = () => project(tf.train.adam(0.1), {parameters: 7});
  it.each(Object.entries({...makers, 'project of adam': adam}))(
    'gives copies, which no step changes and nobody needs: %s',
    async (_, make) => {
      const weights = tf.variable(tf.randomNormal([40], 0, 1, 'float32', 1), true, 'weights');
      const optimizer = make();
      const step = () => optimizer.minimize(() => tf.sum(tf.square(weights)));
      step();
      const {numTensors, numBytes} = tf.memory();
      const kept = await optimizer.getWeights();
      const before = await read(kept);
      step();
      expect(await read(kept)).toEqual(before);

      // Disposing of a later checkpoint harms neither the optimizer nor the one that is kept.
      const second = await optimizer.getWeights();
      expect(await read(second)).not.toEqual(before);
      tf.dispose(second.map(({tensor}) => tensor));
      step();
      expect(await read(kept)).toEqual(before);
      expect([tf.memory().numTensors, tf.memory().numBytes]).toEqual([numTensors, numBytes]);
      optimizer.dispose();
    },
  );

  it.each(Object.entries(makers))('gives what was there when it was called: %s', async (_, make) => {
    const weights = tf.variable(tf.randomNormal([40], 0, 1, 'float32', 1), true, 'weights');
    const optimizer = make();
    const step = () => optimizer.minimize(() => tf.sum(tf.square(weights)));
    for (let i = 0; i < 3; i++) step();
    const start = await optimizer.getWeights();
    const values = weights.clone();
    const expected = new Map<number, number[][]>();
    for (const iteration of [4, 5]) {
      step();
      expected.set(iteration, await read(await optimizer.getWeights()));
    }
    // The same two steps again, with a checkpoint asked for between them and not waited for.
    weights.assign(values);
    values.dispose();
    await optimizer.setWeights(start);
    step();
    const early = optimizer.getWeights();
    step();
    const late = await read(await optimizer.getWeights());
    expect(late).toEqual(expected.get(5));
    // A base answers after the second step only; then all of it is of that step.
    const whole = await read(await early);
    expect(whole).toEqual(expected.get(whole[0][0]));
    expect(late).not.toEqual(expected.get(4));
    optimizer.dispose();
  });

  it.each(Object.entries(makers))('goes into another optimizer, whatever becomes of it: %s', async (_, make) => {
    const weights = tf.variable(tf.randomNormal([40], 0, 1, 'float32', 1), true, 'weights');
    const optimizer = make();
    const step = (which: SubsetOptimizer) => which.minimize(() => tf.sum(tf.square(weights)));
    for (let i = 0; i < 3; i++) step(optimizer);
    const saved = await optimizer.getWeights();
    const values = weights.clone();
    step(optimizer);
    const expected = [...(await weights.data())];
    optimizer.dispose();
    for (const dispose of [false, true]) {
      weights.assign(values);
      const {numTensors, numBytes} = tf.memory();
      const other = make();
      await other.setWeights(saved);
      if (dispose) tf.dispose(saved.map(({tensor}) => tensor));
      step(other);
      expect([...(await weights.data())]).toEqual(expected);
      other.dispose();
      expect([tf.memory().numTensors, tf.memory().numBytes]).toEqual([numTensors, numBytes]);
    }
    values.dispose();
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
