import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {testScale} from '../../../test/scale.js';
import {adafactor, adam, clipScale, dynamicSubset, sgd, type UpdateRule} from './index.js';

afterEach(() => tf.disposeVariables());

const LARGEST = 3.4028235e38;

/** What a step of gradient descent at rate 1 takes away, from weights of zero, and what it reports. */
async function stepBy(values: Float32Array, clipNorm: number, rule: UpdateRule = sgd({learningRate: 1})) {
  const weights = tf.variable(tf.zeros([values.length]), true, 'weights');
  const optimizer = dynamicSubset(rule, {density: 1, clipNorm});
  const gradient = tf.tensor1d(values);
  optimizer.applyGradients({weights: gradient});
  const moved = Float32Array.from(await weights.data(), (value) => -value);
  const {overflowedNorms, nonFiniteGradients} = await optimizer.stats();
  tf.dispose([gradient, weights]);
  optimizer.dispose();
  return {moved, overflowedNorms, nonFiniteGradients};
}

/** In float64. */
function clipped(values: Float32Array, limit: number): number[] {
  let sum = 0;
  for (const value of values) if (Number.isFinite(value)) sum += value * value;
  const scale = Math.min(1, limit / (Math.sqrt(sum) + 1e-6));
  return Array.from(values, (value) => (Number.isFinite(value) ? value * scale : 0));
}

describe('clipNorm', () => {
  const filled = (length: number, value: number) => new Float32Array(length).fill(value);
  it.each<[name: string, values: Float32Array, limit: number, overflows: number]>([
    ['one square that overflows', Float32Array.of(1e20, 0, 0, 0), 1, 1],
    ['squares that overflow together', filled(1000, -1e18), 1, 1],
    ['the greatest float32', Float32Array.of(LARGEST, 0), 1, 1],
    ['the greatest float32, often', filled(100_000, LARGEST), 1, 1],
    ['the greatest float32, and a small limit', filled(1000, -LARGEST), 1e-4, 1],
    ['the greatest float32, and a large limit', filled(1000, LARGEST), 1e6, 1],
    ['just below what overflows', Float32Array.of(1.5e19, 1e18), 1, 0],
    ['large ones beside what is not finite', Float32Array.of(3e30, Number.NaN, Infinity, -4e30), 5, 1],
    ['usual ones', Float32Array.of(3, -4), 1, 0],
    ['fewer than the limit', Float32Array.of(0.3, -0.4), 1, 0],
    ['tiny ones', Float32Array.of(1e-20, -1e-25), 1, 0],
    ['a million equal ones', filled(1_000_000, 1e-3), 0.5, 0],
  ])('%s', async (_, values, limit, overflows) => {
    const {moved, overflowedNorms, nonFiniteGradients} = await stepBy(values, limit);
    const expected = clipped(values, limit);
    const wrong = expected.findIndex((value, i) => Math.abs(moved[i] - value) > 2e-5 * Math.abs(value));
    expect(wrong, `${moved[wrong]}, expected ${expected[wrong]}`).toBe(-1);
    expect(overflowedNorms).toBe(overflows);
    expect(nonFiniteGradients).toBe(values.filter((value) => !Number.isFinite(value)).length);
  });

  it('leaves subnormal gradients what they are, or zero', async () => {
    const {moved, overflowedNorms} = await stepBy(filled(4, 1e-40), 1);
    for (const value of moved) expect([0, Math.fround(1e-40)]).toContain(value);
    expect(overflowedNorms).toBe(0);
  });

  it.each(Object.entries({adam: adam({learningRate: 0.1}), adafactor: adafactor({learningRate: 0.1})}))(
    'lets %s go on after gradients of the greatest size',
    async (_, rule) => {
      const weights = tf.variable(tf.ones([4]), true, 'weights');
      const optimizer = dynamicSubset(rule, {density: 1, clipNorm: 1});
      const steps: number[][] = [];
      for (const size of [1, LARGEST, 1, 1e25]) {
        // By its values: what webgl's fill makes of the greatest float32 is infinite.
        const gradient = tf.tensor1d(new Float32Array(4).fill(size));
        optimizer.applyGradients({weights: gradient});
        gradient.dispose();
        steps.push([...(await weights.data())]);
      }
      steps.reduce((before, after) => {
        for (const [i, value] of after.entries()) expect(value).toBeLessThan(before[i]);
        return after;
      });
      expect((await optimizer.stats()).overflowedNorms).toBe(2);
      optimizer.dispose();
    },
  );

  it('is one norm of all variables together', async () => {
    const sizes = {a: 1e20, b: 1, c: 1e20};
    const variables = Object.keys(sizes).map((name) => tf.variable(tf.zeros([1]), true, name));
    const optimizer = dynamicSubset(sgd({learningRate: 1}), {density: 1, clipNorm: 1});
    const gradients = Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, tf.tensor1d([size])]));
    optimizer.applyGradients(gradients);
    const [[a], [b], [c]] = await Promise.all(variables.map((variable) => variable.data()));
    expect(a).toBeCloseTo(-Math.SQRT1_2, 5);
    expect(c).toBeCloseTo(-Math.SQRT1_2, 5);
    expect(Math.abs(b)).toBeLessThan(1e-19);
    tf.dispose(gradients);
    optimizer.dispose();
  });
});

describe('sums over many weights are right to 1e-5', () => {
  // Stock sums go wrong on wasm; elsewhere so many take minutes, and a quarter does where a device may be no GPU.
  const isShort = testScale < 1 && tf.getBackend().startsWith('webg');
  const counts = [
    isShort ? 400_000 : 1_600_000,
    ...(testScale >= (tf.getBackend() === 'wasm' ? 1 : 10) ? [28_311_552] : []),
  ];

  it.each(counts)('the norm of %i gradients', async (count) => {
    const gradient = tf.fill([count], 1e-3);
    const scale = clipScale([gradient], 0.5);
    const norm = 1e-3 * Math.sqrt(count);
    expect(Math.abs((await scale.data())[0] * (norm / 0.5) - 1)).toBeLessThan(1e-5);
    tf.dispose([gradient, scale]);
  });

  it.each(counts.flatMap((count) => [[count], [count / 8, 8], [8, count / 8]].map((shape) => ({shape}))))(
    "adafactor's step of $shape weights",
    async ({shape}) => {
      tf.variable(tf.fill(shape, 0.5), true, 'weights');
      const optimizer = dynamicSubset(adafactor({learningRate: 0.01}), {parameters: 1});
      const gradient = tf.fill(shape, 0.01);
      optimizer.applyGradients({weights: gradient});
      const [{values}] = await optimizer.subset();
      // At the first step all updates are ±1, and a step is the rate times the weights' root mean square.
      expect(Math.abs((0.5 - values[0]) / (0.01 * 0.5) - 1)).toBeLessThan(3e-5);
      gradient.dispose();
      optimizer.dispose();
    },
  );
});
