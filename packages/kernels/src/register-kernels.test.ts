import {createRequire} from 'node:module';
import {MathBackendCPU} from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, expect, it, vi} from 'vitest';
import {TopKMask} from './contract.js';
import {registerKernels} from './register-kernels.js';
import {topKMask} from './top-k-mask.js';

const kernelFor = (backendName: string): tf.KernelConfig => ({
  kernelName: TopKMask,
  backendName,
  kernelFunc: () => tf.ones([2], 'bool'),
});
const mask = () => tf.tidy(() => [...topKMask(tf.tensor1d([3, -5]), 1).dataSync()]);

/** What was warned about, but for tfjs's own words. */
const warnings = () =>
  vi
    .mocked(console.warn)
    .mock.calls.map(String)
    .filter((text) => /^register:|no kernel/.test(text));

beforeEach(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  await tf.setBackend('cpu');
});

afterEach(() => {
  for (const name of ['cpu', 'wasm', 'webgl', 'toy']) {
    if (tf.getKernel(TopKMask, name)) tf.unregisterKernel(TopKMask, name);
    if (name !== 'cpu' && tf.findBackendFactory(name)) tf.removeBackend(name);
  }
  vi.restoreAllMocks();
});

it('registers for the active backend without a word, and leaves what others have registered', () => {
  const [ours, again] = [kernelFor('cpu'), kernelFor('cpu')];
  expect(registerKernels([ours])).toEqual([ours]);
  expect(registerKernels([again])).toEqual([]);
  expect(tf.getKernel(TopKMask, 'cpu')).toBe(ours);
  expect(mask()).toEqual([1, 1]);
  expect(warnings()).toEqual([]);
});

it('says once that the backend has not been imported', () => {
  registerKernels([kernelFor('wasm')]);
  registerKernels([kernelFor('wasm')]);
  expect(warnings()).toEqual([
    "register: kernels are registered for 'wasm', but the active backend is 'cpu': TensorFlow.js has no backend 'wasm' " +
      'here: import @tensorflow/tfjs-backend-wasm first (it needs its .wasm files, beside the script or where ' +
      "setWasmPaths() says), and have one copy of @tensorflow/tfjs-core ('npm ls @tensorflow/tfjs-core')",
  ]);
});

it('says that another backend is active, and so does the fallback', async () => {
  tf.registerBackend('toy', () => new MathBackendCPU());
  registerKernels([kernelFor('toy')]);
  expect(warnings()).toEqual([
    "register: kernels are registered for 'toy', but the active backend is 'cpu': await tf.setBackend('toy'); where that " +
      'was done and gave false, the backend did not start, and the console says why',
  ]);

  expect(mask()).toEqual([0, 1]);
  expect(warnings()[1]).toBe(
    'TopKMask on cpu: no kernel is registered; using the portable fallback, which is exact and slower. The active backend ' +
      "is 'cpu'; it is registered for 'toy': await tf.setBackend('toy'); where that was done and gave false, the backend " +
      'did not start, and the console says why.',
  );

  await tf.setBackend('toy');
  expect(mask()).toEqual([1, 1]);
  await tf.setBackend('cpu');
  mask();
  expect(warnings()[2]).toContain("the backend 'toy' runs, but another is active: await tf.setBackend('toy')");
});

it.each(['at once', 'later'])('refuses a backend that failed %s when it was asked for', async (when) => {
  const failure = new Error('no context');
  tf.registerBackend('webgl', () => {
    if (when === 'later') return Promise.reject(failure);
    throw failure;
  });
  const starting = tf.setBackend('webgl');
  if (when === 'later') {
    // While it starts, nobody knows.
    expect(registerKernels([kernelFor('webgl')])).toHaveLength(1);
    tf.unregisterKernel(TopKMask, 'webgl');
  }
  expect(await starting).toBe(false);
  const message =
    "the backend 'webgl' did not start, and the console says why: it needs a browser that gives it a WebGL context";
  expect(() => registerKernels([kernelFor('webgl')])).toThrow(`register: ${message}`);
  expect(tf.getKernel(TopKMask, 'webgl')).toBeUndefined();
  expect(warnings()).toEqual([]);
});

/** tfjs-core, loaded once more, as where two versions are installed. */
function secondCore(): typeof tf {
  const require = createRequire(import.meta.url);
  const path = require.resolve('@tensorflow/tfjs-core');
  const first = require.cache[path];
  delete require.cache[path];
  const second: typeof tf = require(path);
  require.cache[path] = first;
  return second;
}

it('serves a second copy of tfjs-core, which shares the engine', async () => {
  const second = secondCore();
  expect(second.registerKernel).not.toBe(tf.registerKernel);
  second.registerBackend('toy', () => new MathBackendCPU());
  await second.setBackend('toy');
  registerKernels([kernelFor('toy')]);
  expect([...topKMask(second.tensor1d([3, -5]), 1).dataSync()]).toEqual([1, 1]);
  expect(warnings()).toEqual([]);
});

it('tells a user of a copy with an engine of its own to have one copy', async () => {
  // A copy that finds a window, as a simulated DOM makes one, takes it for the place of its globals.
  vi.stubGlobal('window', {});
  const second = secondCore();
  expect(second.engine()).not.toBe(tf.engine());
  vi.unstubAllGlobals();
  second.registerBackend('toy', () => new MathBackendCPU());
  await second.setBackend('toy');
  registerKernels([kernelFor('toy')]);
  expect(warnings()).toEqual([
    expect.stringMatching(
      /the active backend is 'cpu': TensorFlow.js has no backend 'toy' here: .*'npm ls @tensorflow/,
    ),
  ]);
});
