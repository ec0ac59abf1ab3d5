import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {adafactor, adam, dynamicSubset, project, type SubsetOptimizer, type SubsetOptions, sgd} from './index.js';

afterEach(() => tf.disposeVariables());

const makers: Record<string, (options: SubsetOptions) => SubsetOptimizer> = {
  sgd: (options) => dynamicSubset(sgd({learningRate: 0.1}), options),
  'adam, clipped': (options) => dynamicSubset(adam({learningRate: 0.1}), {...options, clipNorm: 1}),
  adafactor: (options) => dynamicSubset(adafactor({learningRate: 0.1}), options),
  'project of sgd': (options) => project(tf.train.sgd(0.1), options),
  'project of adam': (options) => project(tf.train.adam(0.1), options),
};
const make = () => {
  const a = tf.variable(tf.randomNormal([50], 0, 1, 'float32', 1), true, 'a');
  const empty = tf.variable(tf.zeros([0, 4]), true, 'empty');
  return {a, empty};
};

describe.each(Object.entries(makers))('a variable without elements, %s', (_, maker) => {
  it.each([{silos: 'tensor'}, {silos: 'global'}, {variables: ['empty', 'a']}] as const)(
    'holds nothing and is in nobody’s way: %j',
    async (options) => {
      const {a, empty} = make();
      const start = tf.memory();
      const optimizer = maker({...options, density: 0.2});
      const step = (which: SubsetOptimizer) => {
        const gradients = [
          {name: 'empty', tensor: tf.zeros([0, 4])},
          {name: 'a', tensor: tf.sign(a)},
        ];
        which.applyGradients(gradients);
        tf.dispose(gradients.map(({tensor}) => tensor));
      };
      for (let i = 0; i < 3; i++) step(optimizer);
      const stats = await optimizer.stats();
      expect([stats.parameters, stats.budget, stats.silos.length]).toEqual([50, 10, 1]);
      expect((await optimizer.subset()).map(({name}) => name)).toEqual(['a']);
      const saved = await optimizer.getWeights();
      expect(saved.filter(({name}) => name.startsWith('s') && name.includes('empty'))).toEqual([]);
      optimizer.dispose();
      const other = maker({...options, density: 0.2});
      await other.setWeights(saved);
      step(other);
      expect([other.iterations, (await other.stats()).size, ...empty.shape]).toEqual([4, 10, 0, 4]);
      other.dispose();
      expect([tf.memory().numTensors, tf.memory().numBytes]).toEqual([start.numTensors, start.numBytes]);
    },
  );

  it('is not enough by itself', () => {
    const {empty} = make();
    const {numTensors} = tf.memory();
    const optimizer = maker({density: 0.2});
    const gradient = tf.zeros([0, 4]);
    expect(() => optimizer.applyGradients({[empty.name]: gradient})).toThrow('no variable has a gradient');
    gradient.dispose();
    optimizer.dispose();
    expect(tf.memory().numTensors).toBeLessThanOrEqual(numTensors);
  });
});

describe.each(Object.entries(makers))('a first step that throws leaves all as it was, %s', (_, maker) => {
  const wrong: [what: string, options: SubsetOptions, message: string][] = [
    ['a budget above the model', {parameters: 51}, "from 1 to the model's 50"],
    ['a subset that is none', {density: 0.2, initialSubset: () => [Uint32Array.of(50)]}, 'is 50; expected ascending'],
    ['a silo without a name', {density: 0.2, silos: {b: 'b'}}, "no silo for variable 'a'"],
    ['variables that are not those', {density: 0.2, variables: ['b']}, "variable 'a' has a gradient, expected only"],
  ];
  it.each(wrong)('%s', async (_, options, message) => {
    const {a} = make();
    tf.variable(tf.ones([51]), true, 'b');
    const values = [...(await a.data())];
    const optimizer = maker(options);
    const step = () => optimizer.minimize(() => tf.sum(tf.square(a)), false, [a]);
    const start = tf.memory();
    for (let time = 0; time < 2; time++) expect(step).toThrow(message);
    expect([tf.memory().numTensors, tf.memory().numBytes]).toEqual([start.numTensors, start.numBytes]);
    expect([...(await a.data())]).toEqual(values);
    expect(optimizer.iterations).toBe(0);
    optimizer.dispose();
  });

  it('where a kernel does, whatever comes after', async () => {
    const {a} = make();
    const values = [...(await a.data())];
    const optimizer = maker({density: 0.2});
    const gradients = {a: tf.sign(a)};
    const start = tf.memory();
    // What a lost device or a full heap does.
    const {runKernel} = tf.engine();
    tf.engine().runKernel = () => {
      throw new Error('no room');
    };
    try {
      expect(() => optimizer.applyGradients(gradients)).toThrow('no room');
    } finally {
      tf.engine().runKernel = runKernel;
    }
    expect([...(await a.data())]).toEqual(values);
    expect([tf.memory().numTensors, optimizer.iterations]).toEqual([start.numTensors, 0]);
    optimizer.applyGradients(gradients);
    expect((await optimizer.stats()).size).toBe(10);
    tf.dispose(gradients);
    optimizer.dispose();
  });
});
