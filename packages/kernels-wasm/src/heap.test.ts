import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {register} from './register.js';
import {allocate, pointerTo, type WasmBackend, wasmBackend} from './wasm-backend.js';

// Uninitialised heap costs address space, no memory: this takes gigabytes of the one and little of the other.

const GiB = 2 ** 30;
let backend: WasmBackend;
beforeAll(async () => {
  await tf.setBackend('wasm');
  register({replace: ['BatchMatMul', '_FusedMatMul']});
  backend = wasmBackend(tf.backend());
});

let padding: ReturnType<typeof allocate>[] = [];
afterAll(() => {
  for (const tensor of padding) backend.disposeData(tensor.dataId, true);
});

test('kernels work above 2 GiB, and the heap may grow under them', () => {
  padding = [1, 2].map(() => allocate(backend, [1.125 * GiB], 'bool'));
  tf.tidy(() => {
    const a = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    expect(pointerTo(backend, a)).toBeGreaterThan(2 ** 31);
    expect([...tf.matMul(a, a, true).dataSync()]).toEqual([17, 22, 27, 22, 29, 36, 27, 36, 45]);
    // 16 MB of result and 1 MB of scratch are more than the heap has free.
    const wide = tf.ones([2, 2000]);
    expect(tf.max(tf.matMul(wide, wide, true)).dataSync()[0]).toBe(2);
    const sums = tf.unsortedSegmentSum(a, tf.tensor1d([1, 1], 'int32'), 2);
    expect([...sums.dataSync()]).toEqual([0, 0, 0, 5, 7, 9]);
  });
});

test('a result that the heap has no room for is refused and leaves nothing behind', () => {
  padding.push(allocate(backend, [1.25 * GiB], 'bool'));
  const ids = backend.numDataIds();
  tf.tidy(() => {
    const long = tf.ones([1, 15000]);
    expect(() => tf.matMul(long, long, true)).toThrow(/no room for float32 \[15000,15000\], 900000000 bytes/);
    const longer = tf.ones([1, 40000]);
    expect(() => tf.matMul(longer, longer, true)).toThrow(/no room for float32 \[40000,40000\], 6400000000 bytes/);
    const segment = tf.tensor1d([0], 'int32');
    expect(() => tf.unsortedSegmentSum(longer, segment, 20000)).toThrow(/no room.*3200000000 bytes/);
    expect(tf.matMul(longer, longer, false, true).dataSync()[0]).toBe(40000);
  });
  expect(backend.numDataIds()).toBe(ids);
});
