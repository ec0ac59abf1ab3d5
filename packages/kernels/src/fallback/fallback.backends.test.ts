import {getBackend, getKernel, unregisterKernel} from '@tensorflow/tfjs-core';
import {describe, it} from 'vitest';
import {conformanceCases} from '../conformance.js';
import {CONTRACT_KERNELS} from '../contract.js';

// The setup registers the backend's own kernels, if it has any; here what runs without them is tested.
for (const kernel of CONTRACT_KERNELS) {
  if (getKernel(kernel, getBackend())) unregisterKernel(kernel, getBackend());
}

describe(`the fallback on ${getBackend()}`, () => {
  for (const {name, run} of conformanceCases({path: 'fallback'})) it(name, run, 60_000);
});
