import {sgd} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import {afterEach, describe, expect, it} from 'vitest';
import {magnitudeSubset} from './magnitude-subset.js';

afterEach(() => tf.disposeVariables());

/** The positions that tuning may change, by an optimizer made and used. */
async function chosen(options: Parameters<typeof magnitudeSubset>[1]): Promise<number[][]> {
  const optimizer = await magnitudeSubset(sgd({learningRate: 1}), options);
  optimizer.minimize(() => tf.addN(options.variables.map((one) => tf.sum(one))) as tf.Scalar, false, [
    ...options.variables,
  ]);
  const changes = await optimizer.subset();
  optimizer.dispose();
  return options.variables.map(({name}) => [...(changes.find((change) => change.name === name)?.positions ?? [])]);
}

/** The k largest or smallest by size; of equal ones the first. */
function expected(values: readonly number[], k: number, order: 'largest' | 'smallest'): number[] {
  const sign = order === 'largest' ? -1 : 1;
  const sorted = [...values.keys()].sort((a, b) => sign * (Math.abs(values[a]) - Math.abs(values[b])) || a - b);
  const able = order === 'largest' ? sorted.filter((at) => values[at] !== 0) : sorted;
  return able.slice(0, k).sort((a, b) => a - b);
}

describe('magnitudeSubset', () => {
  it.each(['largest', 'smallest'] as const)('chooses the %s, ties and zeros as they come', async (order) => {
    const value = fc.integer({min: -4, max: 4});
    const values = fc.array(value, {minLength: 1, maxLength: 40});
    await fc.assert(
      fc.asyncProperty(values, fc.double({min: 0, max: 1, noNaN: true}), async (given, share) => {
        const k = Math.max(1, Math.round(share * given.length));
        const weights = tf.variable(tf.tensor1d(given));
        expect(await chosen({parameters: k, variables: [weights], order})).toEqual([expected(given, k, order)]);
        weights.dispose();
      }),
      {numRuns: 15},
    );
  });

  it('gives each silo its share', async () => {
    const a = tf.variable(tf.tensor2d([1, -9, 3, 2], [2, 2]), true, 'a');
    const b = tf.variable(tf.tensor1d([20, 30, 10, 40]), true, 'b');
    expect(await chosen({parameters: 2, variables: [a, b]})).toEqual([[1], [3]]);
    expect(await chosen({parameters: 2, variables: [a, b], order: 'smallest'})).toEqual([[0], [2]]);
    expect(await chosen({parameters: 2, variables: [a, b], silos: 'global'})).toEqual([[], [1, 3]]);
  });

  it('leaves aside what is tuned whole, and tunes it', async () => {
    const a = tf.variable(tf.tensor2d([1, -9, 3, 2], [2, 2]), true, 'a');
    const b = tf.variable(tf.tensor1d([20, 30, 10]), true, 'b');
    const c = tf.variable(tf.tensor1d([50, 60]), true, 'c');
    const options = {parameters: 4, variables: [a, b, c], whole: ['c']};
    expect(await chosen(options)).toEqual([[1], [1], [0, 1]]);
    expect(await chosen({...options, silos: 'global', order: 'smallest'})).toEqual([[0, 3], [], [0, 1]]);
  });

  it('leaves no tensor but its own', async () => {
    const weights = tf.variable(tf.tensor1d([1, 2, 3]));
    const {numTensors} = tf.memory();
    const optimizer = await magnitudeSubset(sgd({learningRate: 1}), {parameters: 1, variables: [weights]});
    expect(tf.memory().numTensors).toBe(numTensors);
    optimizer.dispose();
    const tooMany = magnitudeSubset(sgd({learningRate: 1}), {parameters: 4, variables: [weights]});
    await expect(tooMany).rejects.toThrow('parameters is 4 at step 0');
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
