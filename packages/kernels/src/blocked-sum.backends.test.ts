import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {randomShapes, testScale} from '../../../test/scale.js';
import {blockedSum} from './blocked-sum.js';
import {Random} from './conformance/random.js';

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

/** In float64: the sums, and those of the magnitudes. */
function sums(values: Float32Array, shape: readonly number[], axis: number): {sum: number; magnitude: number}[] {
  const width = tf.util.sizeFromShape(shape.slice(axis + 1));
  const rows = tf.util.sizeFromShape(shape.slice(0, axis));
  return Array.from({length: rows * width}, (_, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    let sum = 0;
    let magnitude = 0;
    for (let i = 0; i < shape[axis]; i++) {
      const value = values[(row * shape[axis] + i) * width + column];
      sum += value;
      magnitude += Math.abs(value);
    }
    return {sum, magnitude};
  });
}

async function check(values: Float32Array, shape: number[], axis: number): Promise<void> {
  const result = blockedSum(tf.tensor(values, shape), axis);
  expect(result.shape).toEqual(shape.map((length, i) => (i === axis ? 1 : length)));
  const got = await result.data();
  for (const [i, {sum, magnitude}] of sums(values, shape, axis).entries()) {
    expect(Math.abs(got[i] - sum), `${shape} along ${axis}`).toBeLessThanOrEqual(1e-5 * magnitude);
  }
}

describe('a sum in blocks', () => {
  it('is right to 1e-5 of the terms, along any axis', async () => {
    const random = new Random(1);
    for (let run = 0; run < randomShapes(100, tf.getBackend()); run++) {
      const rank = 1 + random.below(4);
      const shape = Array.from({length: rank}, () => random.pick([1, 2, 3, 7, 32, 40, 41, 64]));
      const axis = random.below(rank);
      // Of the lengths: within a block, a block, blocks, blocks of blocks, and primes that leave a rest each time.
      shape[axis] = random.pick([1, 39, 40, 41, 80, 97, 576, 1600, 1601, 4093]);
      if (tf.util.sizeFromShape(shape) > 2e6) continue;
      const isPositive = random.below(2) === 0;
      const values = Float32Array.from({length: tf.util.sizeFromShape(shape)}, () => {
        return isPositive ? random.unit() : random.normal();
      });
      await check(values, shape, axis);
    }
  });

  it.each([
    [[2_000_003], 0],
    [[1, 1_048_576], 1],
    [[250_007, 3], 0],
    [[3, 250_000, 2], 1],
  ])('of many equal terms, which one after the other would be some per cent off: %s along %i', async (shape, axis) => {
    await check(new Float32Array(tf.util.sizeFromShape(shape)).fill(0.1), shape, axis);
  });

  // Stock sums go wrong on wasm; elsewhere so many take minutes.
  it.runIf(testScale >= (tf.getBackend() === 'wasm' ? 1 : 10))('of 28 million', async () => {
    for (const shape of [[28_311_552], [49_152, 576]]) {
      await check(new Float32Array(28_311_552).fill(0.1), shape, 0);
    }
  });

  it('says which axis there is not', () => {
    const x = tf.ones([2, 3]);
    for (const axis of [-1, 2, 0.5]) {
      const message = `blockedSum: axis is ${axis}; expected an integer from 0 to below 2, the rank of x`;
      expect(() => blockedSum(x, axis)).toThrow(message);
    }
  });
});
