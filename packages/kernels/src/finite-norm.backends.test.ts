import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {randomShapes, testScale} from '../../../test/scale.js';
import {Random} from './conformance/random.js';
import {FiniteNorm, NORM_UNIT} from './contract.js';
import {fallbackFiniteNorm} from './fallback/finite-norm.js';
import {finiteNorm} from './finite-norm.js';

beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

/** In float64, where no float32 has a square that is out of range. */
function normOf(arrays: readonly Float32Array[]): number {
  let sum = 0;
  for (const array of arrays) for (const value of array) if (Number.isFinite(value)) sum += value * value;
  return Math.sqrt(sum);
}

const LARGEST = 3.4028235e38;
const filled = (length: number, value: number) => new Float32Array(length).fill(value);
const normals = (length: number, seed: number, scale = 1) => {
  const random = new Random(seed);
  return Float32Array.from({length}, () => random.normal() * scale);
};

const cases: Record<string, Float32Array[]> = {
  'a scalar': [Float32Array.of(-3)],
  'small integers': [Float32Array.of(3, 0, 0, 0, -4)],
  zeros: [filled(100, 0), filled(3, 0)],
  'nothing at all': [],
  'no elements': [new Float32Array(0), Float32Array.of(2)],
  'not a finite one': [Float32Array.of(Number.NaN, Infinity, -Infinity)],
  'some that are not finite': [Float32Array.of(1, Number.NaN, 2, Infinity, 2), Float32Array.of(-Infinity, 4)],
  'one square that overflows': [Float32Array.of(1e20, 0, 0, 0)],
  'squares that overflow together': [filled(10_000, 1e18)],
  'the greatest float32': [Float32Array.of(LARGEST)],
  'the greatest float32, often': [filled(100_000, -LARGEST), filled(7, LARGEST)],
  'large ones beside what is not finite': [Float32Array.of(1e38, Number.NaN, Infinity, 1e38)],
  'large and small': [Float32Array.of(1e30, 1e-30, 1), normals(1000, 3, 1e-5)],
  'a large tensor after a small one': [normals(1000, 4, 1e-3), filled(3, 1e25)],
  'squares that vanish': [filled(1000, 1e-25), Float32Array.of(1e-24)],
  'across the range': Array.from({length: 11}, (_, i) => normals(50 + i, i, 10 ** (3 * i - 15))),
  'three hundred tensors': Array.from({length: 300}, (_, i) => normals(1 + (i % 50), i, 1 + i)),
  'a million equal ones': [filled(1_000_003, 1e-3)],
  'many normal ones': [normals(300_000, 1, 1e-3), normals(200_001, 2, 10)],
};

// On cpu and wasm there is a kernel, which their setups register; everywhere there is the fallback.
const hasKernel = tf.getKernel(FiniteNorm, tf.getBackend()) !== undefined;
const paths = [
  {path: 'the fallback', norm: fallbackFiniteNorm},
  ...(hasKernel ? [{path: 'the kernel', norm: finiteNorm}] : []),
];

it('has a kernel on cpu and wasm', () => {
  expect(hasKernel).toBe(['cpu', 'wasm'].includes(tf.getBackend()));
});

describe.each(paths)('the norm by $path', ({norm}) => {
  const measure = async (arrays: readonly Float32Array[]) => {
    const tensors = arrays.map((array) => tf.tensor(array));
    const {numTensors} = tf.memory();
    const result = norm(tensors);
    expect([result.shape, result.dtype, tf.memory().numTensors]).toEqual([[], 'float32', numTensors + 1]);
    const [value] = await result.data();
    tf.dispose([tensors, result]);
    return value * NORM_UNIT;
  };
  const check = async (arrays: readonly Float32Array[]) => {
    const expected = normOf(arrays);
    expect(Math.abs((await measure(arrays)) - expected)).toBeLessThanOrEqual(1e-5 * expected);
  };

  it.each(Object.entries(cases))('of %s', (_, arrays) => check(arrays));

  it('of random tensors', async () => {
    const random = new Random(9);
    for (let run = 0; run < randomShapes(200, tf.getBackend()); run++) {
      const scale = 10 ** (random.below(60) - 22);
      await check(
        Array.from({length: 1 + random.below(4)}, () => {
          const values = normals(random.below(3000), random.bits(), scale);
          for (let i = random.below(5); i < values.length; i += 1 + random.below(2000)) {
            values[i] = random.pick([Number.NaN, Infinity, 0, 1e38, -1e-38]);
          }
          return values;
        }),
      );
    }
  });

  it('of subnormal ones, which may count as nothing', async () => {
    expect(await measure([filled(1000, 1e-40)])).toBeLessThan(1e-38);
  });

  // Stock sums go wrong on wasm; elsewhere so many take minutes.
  it.runIf(testScale >= (tf.getBackend() === 'wasm' ? 1 : 10))('of 28 million', async () => {
    await check([filled(28_311_552, 1e-3)]);
    await check([filled(28_311_552, LARGEST)]);
  });
});

describe('what is no list of float32 tensors', () => {
  it.each<[given: unknown, message: string]>([
    [undefined, 'finiteNorm: tensors is undefined, expected an array of tensors'],
    [[1], 'finiteNorm: tensors is [1], expected an array of tensors'],
  ])('%o', (given, message) => {
    expect(() => finiteNorm(given as tf.Tensor[])).toThrow(message);
  });

  it('of another dtype, or disposed of', () => {
    const gone = tf.ones([2]);
    gone.dispose();
    expect(() => finiteNorm([tf.ones([2], 'int32')])).toThrow('finiteNorm: tensors[0] is int32; expected float32');
    expect(() => finiteNorm([tf.ones([2]), gone])).toThrow('finiteNorm: tensors[1] is disposed');
  });
});
