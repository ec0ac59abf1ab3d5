import * as tf from '@tensorflow/tfjs-core';
import {afterEach, expect, it} from 'vitest';

// By a software renderer models are tested with the second of these shaders alone: see test/backends/webgpu.setup.ts.
const FLAG = 'WEBGPU_MATMUL_PROGRAM_TYPE';
const usual = tf.env().getNumber(FLAG);
afterEach(() => tf.env().set(FLAG, usual));

it.each([
  [false, false],
  [false, true],
  [true, false],
  [true, true],
])('tfjs’s shaders for products of few numbers agree: transposed %s, %s', async (transposeA, transposeB) => {
  const [m, k, n] = [5, 18, 7];
  const a = tf.randomNormal(transposeA ? [2, k, m] : [2, m, k], 0, 1, 'float32', 1);
  const b = tf.randomNormal(transposeB ? [2, n, k] : [2, k, n], 0, 1, 'float32', 2);
  const products = [0, 2].map((program) => {
    tf.env().set(FLAG, program);
    return tf.matMul(a, b, transposeA, transposeB);
  });
  const [reduced, small] = await Promise.all(products.map((product) => product.data<'float32'>()));
  expect(reduced.length).toBe(2 * m * n);
  expect(Math.max(...reduced.map(Math.abs))).toBeGreaterThan(1);
  expect(Math.max(...reduced.map((value, i) => Math.abs(value - small[i])))).toBeLessThan(1e-5);
  tf.dispose([a, b, ...products]);
});
