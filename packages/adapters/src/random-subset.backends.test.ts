import {adamw, sgd} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {randomSubset} from './random-subset.js';

afterEach(() => tf.disposeVariables());

function loss(...variables: tf.Variable[]): () => tf.Scalar {
  return () => tf.addN(variables.map((variable) => tf.sum(tf.square(variable)))) as tf.Scalar;
}

describe('randomSubset', () => {
  it('changes the drawn weights from the first step to the last, and no other', async () => {
    const seed = tf.randomUniform([50, 20], 1, 2);
    const weights = tf.variable(seed, true, 'weights');
    const optimizer = randomSubset(adamw({learningRate: 0.01}), {parameters: 37, seed: 3});
    optimizer.minimize(loss(weights));
    const first = await optimizer.subset();
    for (let step = 0; step < 5; step++) optimizer.minimize(loss(weights));
    const last = await optimizer.subset();
    expect(last[0].positions).toEqual(first[0].positions);
    expect(last[0].positions).toHaveLength(37);
    const before = await seed.data();
    const after = await weights.data();
    const changed = [...before.keys()].filter((i) => before[i] !== after[i]);
    expect(Uint32Array.from(changed)).toEqual(last[0].positions);
    expect(last[0].seeds).toEqual(Float32Array.from(changed, (i) => before[i]));
    expect((await optimizer.stats()).entered).toBe(0);
    optimizer.dispose();
    seed.dispose();
  });

  it('draws the same subset for the same seed, another for another, in every silo its share', async () => {
    const draw = async (seed: number, name: string) => {
      const a = tf.variable(tf.ones([300]), true, `${name}/a`);
      const b = tf.variable(tf.ones([100]), true, `${name}/b`);
      const optimizer = randomSubset(sgd({learningRate: 0.1}), {parameters: 40, seed, silos: 'global'});
      optimizer.minimize(loss(a, b), false, [a, b]);
      const positions = (await optimizer.subset()).map((change) => [...change.positions]);
      optimizer.dispose();
      return positions;
    };
    const first = await draw(1, 'first');
    expect(first.flat()).toHaveLength(40);
    expect(await draw(1, 'again')).toEqual(first);
    expect(await draw(2, 'other')).not.toEqual(first);
  });

  it('refuses a seed that is no whole number', () => {
    expect(() => randomSubset(sgd({learningRate: 0.1}), {density: 0.1, seed: 0.5})).toThrow('seed is 0.5');
  });
});
