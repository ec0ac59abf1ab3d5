import {createState, subsetStep} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs';
import {setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import {expect, test, vi} from 'vitest';
import {register} from './register.js';

const step = () => {
  const numbers = {rule: 'sgd', learningRate: 1, weightDecay: 0, decayTowards: 'zero'} as const;
  const silo = {parameters: [tf.tensor1d([1, 2])], gradients: [tf.tensor1d([1, 3])], slots: []};
  return [...subsetStep({...silo, state: createState([2]), numbers, k: 1}).parameters[0].dataSync()];
};

test('a user without the .wasm files is told so, at register() and where tfjs has gone on with another backend', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const needs = 'it needs its .wasm files, beside the script or where setWasmPaths() says';
  setWasmPaths('/no/such/folder/');
  expect(await tf.setBackend('wasm')).toBe(false);
  expect(register).toThrow(`register: the backend 'wasm' did not start, and the console says why: ${needs}`);
  expect(tf.getKernel('SubsetStep', 'wasm')).toBeUndefined();

  await tf.ready();
  expect(tf.getBackend()).toBe('cpu');
  register();
  const advice = `await tf.setBackend('wasm'); where that was done and gave false, the backend did not start, and the console says why: ${needs}`;
  expect(warn).toHaveBeenLastCalledWith(
    `register: kernels are registered for 'wasm', but the active backend is 'cpu': ${advice}`,
  );
  expect(step()).toEqual([1, -1]);
  expect(warn).toHaveBeenLastCalledWith(
    'SubsetStep on cpu: no kernel is registered; using the portable fallback, which is exact and slower. ' +
      `The active backend is 'cpu'; it is registered for 'wasm': ${advice}.`,
  );
  vi.restoreAllMocks();
});
