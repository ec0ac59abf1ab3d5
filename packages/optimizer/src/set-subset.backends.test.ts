import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {adamw, dynamicSubset, sgd} from './index.js';

afterEach(() => tf.disposeVariables());

/** Two variables of one silo, of which the first entries are in the subset, after a step. */
function stepped() {
  const a = tf.variable(tf.tensor1d([1, 2, 3, 4]), true, 'a');
  const b = tf.variable(tf.tensor1d([10, 20]), true, 'b');
  const optimizer = dynamicSubset(sgd({learningRate: 1}), {
    ...{parameters: 3, silos: 'global', freezeAfter: 0},
    initialSubset: () => [Uint32Array.of(0, 1), Uint32Array.of(0)],
  });
  const step = () => optimizer.minimize(() => tf.add(tf.sum(a), tf.sum(b)), false, [a, b]);
  step();
  const values = async () => [[...(await a.data())], [...(await b.data())]];
  return {optimizer, step, values};
}

describe('setSubset', () => {
  it('takes back what leaves, keeps what stays and lets in what comes, at its seed', async () => {
    const {optimizer, step, values} = stepped();
    expect(await values()).toEqual([
      [0, 1, 3, 4],
      [9, 20],
    ]);
    const {numTensors} = tf.memory();
    optimizer.setSubset(new Map([['a', Uint32Array.of(1, 3)]]));
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(await values()).toEqual([
      [1, 1, 3, 4],
      [10, 20],
    ]);
    step();
    expect(await values()).toEqual([
      [1, 0, 3, 3],
      [10, 20],
    ]);
    expect(await optimizer.subset()).toEqual([
      {
        ...{name: 'a', shape: [4], positions: Uint32Array.of(1, 3)},
        ...{values: Float32Array.of(0, 3), seeds: Float32Array.of(2, 4)},
      },
    ]);
    optimizer.setSubset(new Map());
    expect(await values()).toEqual([
      [1, 2, 3, 4],
      [10, 20],
    ]);
    optimizer.dispose();
  });

  it('brings seeds back bit for bit, whatever they are, and goes on with the moments that there are', async () => {
    const seed = [0.1, -0.7, 3e38, 1 / 3];
    const weights = tf.variable(tf.tensor1d(seed), true, 'weights');
    const before = (await weights.data()).slice();
    const initialSubset = () => [Uint32Array.of(0, 1, 2, 3)];
    const optimizer = dynamicSubset(adamw({learningRate: 0.1}), {parameters: 4, freezeAfter: 0, initialSubset});
    const step = () => optimizer.minimize(() => tf.sum(weights));
    step();
    optimizer.setSubset(new Map([['weights', Uint32Array.of(3)]]));
    const bits = (values: ArrayLike<number>) => new Uint32Array(Float32Array.from(values).slice(0, 3).buffer);
    expect(bits(await weights.data())).toEqual(bits(before));
    step();
    expect((await optimizer.stats()).size).toBe(1);
    expect((await weights.data())[3]).toBeCloseTo(1 / 3 - 0.2, 2);
    optimizer.dispose();
  });

  it('refuses what does not fit, and changes nothing', async () => {
    const early = dynamicSubset(sgd({learningRate: 1}), {parameters: 1});
    expect(() => early.setSubset(new Map())).toThrow('setSubset: the variables are known after the first step');
    const {optimizer, values} = stepped();
    const before = await values();
    const {numTensors} = tf.memory();
    const refused: [ReadonlyMap<string, Uint32Array>, string][] = [
      [new Map([['c', Uint32Array.of(0)]]), "there is no variable 'c', expected some of a, b"],
      [new Map([['a', Uint32Array.of(0, 1, 2, 3)]]), "silo 'global' has 4 entries, expected at most its budget of 3"],
      [new Map([['b', Uint32Array.of(2)]]), 'position'],
      [new Map([['a', Uint32Array.of(1, 0)]]), 'position'],
    ];
    for (const [positions, message] of refused) expect(() => optimizer.setSubset(positions)).toThrow(message);
    expect(await values()).toEqual(before);
    expect(tf.memory().numTensors).toBe(numTensors);
    optimizer.dispose();
  });
});
