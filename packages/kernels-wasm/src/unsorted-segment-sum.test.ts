import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import fc from 'fast-check';
import {beforeAll, expect, test} from 'vitest';
import {register} from './register.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  register();
});

/** The definition, in plain JavaScript. */
function segmentSum(x: number[], ids: number[], segments: number, width: number): number[] {
  const out = new Float32Array(segments * width);
  ids.forEach((id, row) => {
    if (id < 0 || id >= segments) return;
    for (let i = 0; i < width; i++) out[id * width + i] += x[row * width + i];
  });
  return [...out];
}

test('sums the rows of each segment, dropping ids outside the range', () => {
  fc.assert(
    fc.property(
      fc.record({rows: fc.nat(40), width: fc.integer({min: 1, max: 37}), segments: fc.integer({min: 1, max: 9})}),
      fc.infiniteStream(fc.tuple(fc.integer({min: -2, max: 10}), fc.float({noNaN: true, min: -8, max: 8}))),
      fc.constantFrom('float32' as const, 'int32' as const),
      ({rows, width, segments}, stream, dtype) => {
        const ids = Array.from({length: rows}, () => stream.next().value[0]);
        const x = Array.from({length: rows * width}, () => {
          const value = stream.next().value[1];
          return dtype === 'int32' ? Math.trunc(value) : value;
        });
        const out = tf.tidy(() => {
          const sum = tf.unsortedSegmentSum(tf.tensor2d(x, [rows, width], dtype), tf.tensor1d(ids, 'int32'), segments);
          expect(sum.shape).toEqual([segments, width]);
          expect(sum.dtype).toBe(dtype);
          return [...sum.dataSync()];
        });
        expect(out).toEqual(segmentSum(x, ids, segments, width));
      },
    ),
  );
});

test('equals the cpu backend', async () => {
  const run = () =>
    tf.tidy(() => {
      const x = tf.randomNormal([50, 3, 7], 0, 1, 'float32', 1);
      const ids = tf.randomUniformInt([50], -1, 12, 2);
      return tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 11).dataSync();
    });
  const wasm = run();
  await tf.setBackend('cpu');
  const cpu = run();
  await tf.setBackend('wasm');
  expect(Math.max(...wasm.map((value, i) => Math.abs(value - cpu[i])))).toBeLessThan(1e-5);
});

test('takes segment ids of a rank above one, as TensorFlow does', () => {
  tf.tidy(() => {
    const x = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
    const ids = tf.tensor2d([1, 0, 1, 5], [2, 2], 'int32') as unknown as tf.Tensor1D;
    expect([...tf.unsortedSegmentSum(x, ids, 2).dataSync()]).toEqual([3, 4, 6, 8]);
  });
});

test('keeps what is not finite to its own segment', () => {
  tf.tidy(() => {
    const x = tf.tensor1d([1, Number.NaN, Number.POSITIVE_INFINITY, 2]);
    const sum = tf.unsortedSegmentSum(x, tf.tensor1d([0, 1, 2, 0], 'int32'), 3);
    expect([...sum.dataSync()]).toEqual([3, Number.NaN, Number.POSITIVE_INFINITY]);
  });
});

test('takes dimensions of size zero', () => {
  tf.tidy(() => {
    expect([...tf.unsortedSegmentSum(tf.zeros([0, 2]), tf.tensor1d([], 'int32'), 2).dataSync()]).toEqual([0, 0, 0, 0]);
    expect(tf.unsortedSegmentSum(tf.zeros([3, 0]), tf.tensor1d([0, 1, 1], 'int32'), 2).shape).toEqual([2, 0]);
    expect(tf.unsortedSegmentSum(tf.zeros([3, 2]), tf.tensor1d([0, 1, 1], 'int32'), 0).shape).toEqual([0, 2]);
  });
});

test('gives gather its gradient, along any axis, and leaks nothing', () => {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const table = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    const rows = tf.tensor1d([2, 0, 2], 'int32');
    const byRow = tf.grad((x) => tf.sum(tf.mul(tf.gather(x, rows), tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]))))(table);
    expect([...byRow.dataSync()]).toEqual([3, 4, 0, 0, 6, 8]);
    const columns = tf.tensor1d([1, 1], 'int32');
    const byColumn = tf.grad((x) => tf.sum(tf.gather(x, columns, 1)))(table);
    expect([...byColumn.dataSync()]).toEqual([0, 2, 0, 2, 0, 2]);
  });
  expect(tf.memory().numTensors).toBe(before);
});

test('names what is wrong with its input', () => {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const ids = tf.tensor1d([0, 1], 'int32');
    expect(() => tf.unsortedSegmentSum(tf.zeros([3, 2]), ids, 2)).toThrow(/segmentIds' shape \[2\].*\[3,2\]/);
    expect(() => tf.unsortedSegmentSum(tf.zeros([2]), ids, -1)).toThrow(/numSegments.*-1/);
    expect(() => tf.unsortedSegmentSum(tf.zeros([2], 'bool'), ids, 1)).toThrow(/float32 or int32, got bool/);
  });
  expect(tf.memory().numTensors).toBe(before);
});
