import {sgd} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {readJson} from '../../../test/read-file.js';
import {liftSubset} from './lift-subset.js';
import {lowRank} from './low-rank.js';

interface Golden {
  cases: {shape: [number, number]; rank: number; weights: number[]; near: number[]; chosen: number[]}[];
}
const {cases} = await readJson<Golden>(new URL('../golden/lift.json', import.meta.url));

afterEach(() => tf.disposeVariables());

describe('lowRank', () => {
  it.each(cases)('of $shape at rank $rank is what torch makes', ({shape, rank, weights, near}) => {
    const made = lowRank(Float32Array.from(weights), shape, rank);
    for (const [i, value] of near.entries()) expect(made[i]).toBeCloseTo(value, 6);
  });
});

describe('liftSubset', () => {
  it.each(cases)('chooses of $shape at rank $rank what LIFT does', async ({shape, rank, weights, chosen}) => {
    const variable = tf.variable(tf.tensor2d(weights, shape));
    const options = {parameters: chosen.length, variables: [variable], rank};
    const {optimizer} = await liftSubset(sgd({learningRate: 0.1}), options);
    optimizer.minimize(() => tf.sum(variable));
    expect([...(await optimizer.subset())[0].positions]).toEqual(chosen);
    optimizer.dispose();
  });

  it('chooses anew when it is time; what leaves goes back to its seed, and the budget holds', async () => {
    const seed = Float32Array.of(5, 1, 1, 4);
    const matrix = tf.variable(tf.tensor2d(seed.slice(), [2, 2]));
    const {numTensors} = tf.memory();
    const options = {parameters: 1, variables: [matrix], rank: 2, reselectEvery: 2};
    const {optimizer, afterStep} = await liftSubset(sgd({learningRate: 1}), options);
    expect(tf.memory().numTensors).toBe(numTensors);
    const step = async () => {
      optimizer.minimize(() => tf.sum(matrix));
      await afterStep();
      return [...(await matrix.data())];
    };
    expect(await step()).toEqual([4, 1, 1, 4]);
    // Now 3 is less than 4: the first leaves the subset.
    expect(await step()).toEqual([5, 1, 1, 4]);
    expect(await step()).toEqual([5, 1, 1, 3]);
    const [{positions, seeds}] = await optimizer.subset();
    expect([...positions, ...seeds]).toEqual([3, 4]);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('leaves what is tuned whole in the subset when it chooses anew, of whatever shape', async () => {
    const matrix = tf.variable(tf.tensor2d([5, 1, 1, 4], [2, 2]), true, 'matrix');
    const bias = tf.variable(tf.tensor1d([0, 0]), true, 'bias');
    const options = {parameters: 3, variables: [matrix, bias], whole: ['bias'], rank: 2, reselectEvery: 2};
    const {optimizer, afterStep} = await liftSubset(sgd({learningRate: 1}), options);
    for (let step = 0; step < 3; step++) {
      optimizer.minimize(() => tf.add(tf.sum(matrix), tf.sum(bias)));
      await afterStep();
    }
    expect([...(await matrix.data()), ...(await bias.data())]).toEqual([5, 1, 1, 3, -3, -3]);
    optimizer.dispose();
  });

  it('refuses what is no matrix, and leaves nothing behind', async () => {
    const vector = tf.variable(tf.ones([3]), true, 'gain');
    const {numTensors} = tf.memory();
    const made = liftSubset(sgd({learningRate: 1}), {parameters: 1, variables: [vector]});
    await expect(made).rejects.toThrow("liftSubset: the shape of variable 'gain' is [3], expected a matrix's");
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
