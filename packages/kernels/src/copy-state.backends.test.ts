import {dispose, memory} from '@tensorflow/tfjs-core';
import {expect, it} from 'vitest';
import {copyState, readState, stateFromArrays} from './index.js';

it('copies every bit of the words, and is data of its own', async () => {
  const before = memory().numTensors;
  const mask = Int32Array.of(-1, 0x7fffffff, -0x80000000, 0x12345679, 1, 0);
  const info = Int32Array.from({length: 16}, (_, i) => 0x3f800001 + 77 * i);
  const state = stateFromArrays([mask, Float32Array.of(1.5, -3e-38, 7), info]);
  const copy = copyState(state);
  dispose(state);
  expect(await readState(copy)).toEqual([mask, Float32Array.of(1.5, -3e-38, 7), info]);
  dispose(copy);
  expect(memory().numTensors).toBe(before);
});
