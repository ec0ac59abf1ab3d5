import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, expect, it, vi} from 'vitest';
import {CONTRACT_KERNELS} from './contract.js';
import {createState, kernelPath, subsetStep} from './index.js';

const active = tf.getBackend();
const elsewhere = active === 'webgl' ? 'wasm' : 'webgl';
const kernels = CONTRACT_KERNELS.flatMap((name) => tf.getKernel(name, active) ?? []);

beforeEach(() => {
  tf.engine().startScope();
  for (const {kernelName} of kernels) {
    tf.unregisterKernel(kernelName, active);
    tf.registerKernel({kernelName, backendName: elsewhere, kernelFunc: () => []});
  }
});

afterEach(() => {
  tf.engine().endScope();
  for (const kernel of kernels) {
    tf.registerKernel(kernel);
    tf.unregisterKernel(kernel.kernelName, elsewhere);
  }
  vi.restoreAllMocks();
});

it('says for which backend kernels are registered where it is not the active one', () => {
  expect(kernels.length).toBe(3);
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const numbers = {rule: 'sgd', learningRate: 1, weightDecay: 0, decayTowards: 'zero'} as const;
  const silo = {parameters: [tf.ones([3])], gradients: [tf.ones([3])], slots: [], state: createState([3])};
  const run = () => subsetStep({...silo, numbers, k: 1});
  const message = new RegExp(
    `^SubsetStep on ${active}: no kernel is registered.*The active backend is '${active}'; it is registered for ` +
      `'${elsewhere}': TensorFlow.js has no backend '${elsewhere}' here: import @tensorflow/tfjs-backend-${elsewhere} first`,
  );
  expect(kernelPath('SubsetStep')).toBe('fallback');
  if (active === 'webgl' || active === 'webgpu') {
    expect(run).toThrow(message);
    expect(silo.state.some(({isDisposed}) => isDisposed)).toBe(false);
  } else {
    run();
    expect(warn).toHaveBeenLastCalledWith(expect.stringMatching(message));
  }
});
