import * as tf from '@tensorflow/tfjs-core';
import type {Weight} from './weight.js';

/**
 * A tensor of a head that is made new, as transformers makes it: a bias of zeros, or numbers from a normal distribution.
 *
 * @param range Its standard deviation.
 * @param seed The same seed gives the same numbers, on every backend.
 */
export function newWeight(name: string, shape: readonly number[], range: number, seed: number): Weight {
  return {
    shape,
    read: async () => {
      const size = shape.reduce((product, length) => product * length, 1);
      if (name.endsWith('.bias')) return new Float32Array(size);
      // A seed of 0 would be none to tfjs.
      const drawn = tf.randomNormal([size], 0, range, 'float32', seed + 1);
      try {
        return Float32Array.from(await drawn.data());
      } finally {
        drawn.dispose();
      }
    },
  };
}
