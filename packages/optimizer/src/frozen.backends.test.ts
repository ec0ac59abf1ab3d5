import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {
  adafactor,
  adam,
  adamw,
  dynamicSubset,
  linear,
  momentum,
  project,
  type SubsetOptimizer,
  type SubsetOptions,
  sgd,
} from './index.js';

afterEach(() => tf.disposeVariables());

const makers: Record<string, (options: SubsetOptions) => SubsetOptimizer> = {
  sgd: (options) => dynamicSubset(sgd({learningRate: 0.1, weightDecay: 0.1}), options),
  momentum: (options) => dynamicSubset(momentum({learningRate: 0.1}), {...options, clipNorm: 1}),
  adam: (options) => dynamicSubset(adam({learningRate: 0.1}), options),
  'adamw, clipped': (options) => dynamicSubset(adamw({learningRate: 0.1}), {...options, clipNorm: 1}),
  'adamw towards the seed': (options) =>
    dynamicSubset(adamw({learningRate: 0.1, weightDecay: 0.5, decayTowards: 'seed'}), options),
  adafactor: (options) => dynamicSubset(adafactor({learningRate: 0.1, weightDecay: 0.1}), options),
  'project of momentum': (options) => project(tf.train.momentum(0.1, 0.9), options),
  'project of adam': (options) => project(tf.train.adam(0.1), options),
};

const shapes: Record<string, number[]> = {a: [41], b: [3, 11], c: [8]};
const make = (names: string[]) => {
  for (const [i, name] of names.entries()) {
    tf.variable(tf.randomNormal(shapes[name], 0, 1, 'float32', i + 1), true, name);
  }
};
const valuesOf = async (name: string) => [...(await tf.engine().registeredVariables[name].data())];
const subsetOf = async (optimizer: SubsetOptimizer, name: string) =>
  (await optimizer.subset()).find((change) => change.name === name);
/** What is saved of a variable's slots. */
const slotsOf = async (optimizer: SubsetOptimizer, variable: string) => {
  const slots = (await optimizer.getWeights()).filter(({name}) => name.startsWith(`slots/${variable}/`));
  return Promise.all(slots.map(async ({tensor}) => [...(await tensor.data())]));
};
/** One step with a gradient for each of these, with another one each time. */
function step(optimizer: SubsetOptimizer, names: string[]): void {
  const gradients = Object.fromEntries(
    names.map((name, i) => [name, tf.randomNormal(shapes[name], 0, 1, 'float32', 10 * optimizer.iterations + i + 1)]),
  );
  optimizer.applyGradients(gradients);
  tf.dispose(gradients);
}

describe.each(Object.entries(makers))('a variable without a gradient, %s', (_, maker) => {
  it.each(['tensor', 'global'] as const)('is left alone, whatever is its silo: %s', async (silos) => {
    make(['a', 'b', 'c']);
    const optimizer = maker({density: 0.3, silos});
    for (let i = 0; i < 3; i++) step(optimizer, ['a', 'b', 'c']);
    const before = {values: await valuesOf('b'), subset: await subsetOf(optimizer, 'b')};
    const slots = await slotsOf(optimizer, 'b');
    expect(before.subset?.positions.length).toBeGreaterThan(0);
    const moving = await valuesOf('a');
    const start = tf.memory().numTensors;
    for (let i = 0; i < 4; i++) step(optimizer, i === 2 ? ['a'] : ['a', 'c']);
    // Where a silo passes a step by, nothing is counted.
    expect(tf.memory().numTensors).toBeLessThanOrEqual(start);
    expect({values: await valuesOf('b'), subset: await subsetOf(optimizer, 'b')}).toEqual(before);
    expect(await slotsOf(optimizer, 'b')).toEqual(slots);
    expect(await valuesOf('a')).not.toEqual(moving);
    const stats = await optimizer.stats();
    expect(stats.size).toBeLessThanOrEqual(stats.budget);
    expect([stats.budget, stats.nonFiniteGradients]).toEqual([Math.round(0.3 * 82), 0]);

    step(optimizer, ['b']);
    expect(await valuesOf('b')).not.toEqual(before.values);
    optimizer.dispose();
  });

  it('that never had one keeps its seed, and its silo passes the steps by', async () => {
    make(['a', 'b']);
    const values = await valuesOf('b');
    const optimizer = maker({density: 0.3, variables: ['a', 'b']});
    for (let i = 0; i < 3; i++) step(optimizer, ['a']);
    step(optimizer, []);
    expect(await valuesOf('b')).toEqual(values);
    const {silos} = await optimizer.stats();
    expect(silos.map(({size, entered, left}) => [size, entered, left])).toEqual([
      [12, 0, 0],
      [0, 0, 0],
    ]);
    expect(silos.map(({budget}) => budget)).toEqual([12, 10]);
    optimizer.dispose();
  });

  it.each(['tensor', 'global'] as const)('that gets its first one later joins in: %s', async (silos) => {
    make(['a', 'b']);
    const optimizer = maker({density: 0.3, silos});
    for (let i = 0; i < 3; i++) step(optimizer, ['a']);
    expect((await optimizer.stats()).budget).toBe(12);
    const before = await subsetOf(optimizer, 'a');
    // Others may do with it what they like: its seed is what it holds when it joins.
    const b = tf.engine().registeredVariables.b;
    b.assign(tf.tidy(() => tf.mul(b, 2)));
    const seed = await valuesOf('b');
    step(optimizer, ['b']);
    expect(await subsetOf(optimizer, 'a')).toEqual(before);
    const {budget, size, parameters} = await optimizer.stats();
    expect([budget, size, parameters]).toEqual([22, 22, 74]);
    expect(optimizer.trainableParameters()).toContain('trainable params: 22 || all params: 74');
    for (let i = 0; i < 3; i++) step(optimizer, ['a', 'b']);
    const change = await subsetOf(optimizer, 'b');
    const now = await valuesOf('b');
    expect(now.filter((value, i) => value !== seed[i]).length).toBe(change?.positions.length);
    expect([...(change?.seeds ?? [])]).toEqual(Array.from(change?.positions ?? [], (at) => seed[at]));
    optimizer.dispose();
  });

  it.each(['tensor', 'global'] as const)(
    'gives way where the budget falls below what is in its silo: %s',
    async (silos) => {
      make(['a', 'b']);
      const seed = await valuesOf('b');
      const optimizer = maker({parameters: linear({from: 60, to: 6, steps: 6}), silos});
      step(optimizer, ['a', 'b']);
      for (let i = 0; i < 8; i++) {
        const before = await valuesOf('b');
        step(optimizer, ['a']);
        const after = await valuesOf('b');
        // Each entry stays as it was, or is the seed again.
        expect(after.filter((value, at) => value !== before[at] && value !== seed[at])).toEqual([]);
        const stats = await optimizer.stats();
        expect(stats.size).toBeLessThanOrEqual(stats.budget);
        const changed = after.flatMap((value, at) => (value === seed[at] ? [] : [at]));
        expect([...((await subsetOf(optimizer, 'b'))?.positions ?? [])]).toEqual(changed);
      }
      expect((await optimizer.stats()).budget).toBe(6);
      optimizer.dispose();
    },
  );
});

describe('a subset that stays', () => {
  it('takes a variable in that has its first gradient later, with nothing of it', async () => {
    make(['a', 'b']);
    const optimizer = dynamicSubset(adam({learningRate: 0.1}), {density: 0.3, freezeAfter: 2});
    for (let i = 0; i < 3; i++) step(optimizer, ['a']);
    const before = await valuesOf('b');
    for (let i = 0; i < 2; i++) step(optimizer, ['a', 'b']);
    expect(await valuesOf('b')).toEqual(before);
    expect((await optimizer.stats()).silos.map(({budget, size}) => [budget, size])).toEqual([
      [12, 12],
      [0, 0],
    ]);
    optimizer.dispose();
  });

  it('keeps its places where the silo is joined', async () => {
    make(['a', 'b']);
    const optimizer = dynamicSubset(adam({learningRate: 0.1}), {density: 0.3, freezeAfter: 2, silos: 'global'});
    for (let i = 0; i < 3; i++) step(optimizer, ['a']);
    const before = await subsetOf(optimizer, 'a');
    for (let i = 0; i < 2; i++) step(optimizer, ['a', 'b']);
    const after = await subsetOf(optimizer, 'a');
    expect([after?.positions, after?.seeds]).toEqual([before?.positions, before?.seeds]);
    expect((await optimizer.stats()).size).toBe(12);
    optimizer.dispose();
  });
});

it('a layer that is frozen between two fits, and another that thaws', async () => {
  const layer = (units: number, seed: number, options = {}) =>
    tf.layers.dense({units, kernelInitializer: tf.initializers.randomNormal({seed}), ...options});
  const model = tf.sequential({layers: [layer(4, 1, {inputShape: [3]}), layer(4, 2), layer(1, 3)]});
  const [x, y] = [tf.randomNormal([16, 3], 0, 1, 'float32', 3), tf.randomNormal([16, 1], 0, 1, 'float32', 4)];
  const optimizer = dynamicSubset(adamw({learningRate: 0.05}), {density: 0.9, silos: 'global'});
  const fit = async (frozen: number) => {
    for (const [i, {trainable}] of model.layers.entries()) {
      if (trainable !== (i !== frozen)) model.layers[i].trainable = i !== frozen;
    }
    model.compile({optimizer, loss: 'meanSquaredError'});
    const before = await Promise.all(model.layers.map(async (one) => [...(await one.getWeights()[0].data())]));
    await model.fit(x, y, {epochs: 3, verbose: 0, shuffle: false});
    const after = await Promise.all(model.layers.map(async (one) => [...(await one.getWeights()[0].data())]));
    return after.map((values, i) => values.some((value, at) => value !== before[i][at]));
  };
  expect(await fit(0)).toEqual([false, true, true]);
  expect((await optimizer.stats()).parameters).toBe(25);
  expect(await fit(2)).toEqual([true, true, false]);
  expect(await fit(1)).toEqual([true, false, true]);
  expect((await optimizer.stats()).parameters).toBe(41);
  expect((await optimizer.stats()).size).toBeLessThanOrEqual(37);
  tf.dispose([x, y]);
  optimizer.dispose();
});
