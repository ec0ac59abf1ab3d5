import * as tf from '@tensorflow/tfjs-core';
import {afterEach, expect, it, vi} from 'vitest';
import {activeBackend} from './active-backend.js';
import {createState} from './subset-state.js';

afterEach(() => {
  tf.engine().reset();
  for (const name of tf.engine().backendNames()) tf.removeBackend(name);
  vi.restoreAllMocks();
});

it('says that no backend was imported', () => {
  expect(() => createState([5])).toThrow(
    'TensorFlow.js has no backend here: import one, such as @tensorflow/tfjs-backend-wasm',
  );
});

it('says that the backend which was asked for did not start', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  tf.registerBackend('wasm', () => Promise.reject(new Error('404')));
  expect(await tf.setBackend('wasm')).toBe(false);
  expect(activeBackend).toThrow(
    "no backend is active: the backend 'wasm' did not start, and the console says why: it needs its .wasm files, beside " +
      'the script or where setWasmPaths() says',
  );
});
