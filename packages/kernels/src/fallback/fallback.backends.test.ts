import {getBackend, getKernel, unregisterKernel} from '@tensorflow/tfjs-core';
import {describe, it} from 'vitest';
import {randomCases, someCases, testScale} from '../../../../test/scale.js';
import {conformanceCases} from '../conformance.js';
import {CONTRACT_KERNELS} from '../contract.js';

// The setup registers the backend's own kernels, if it has any; here what runs without them is tested.
for (const kernel of CONTRACT_KERNELS) {
  if (getKernel(kernel, getBackend())) unregisterKernel(kernel, getBackend());
}

// The stock ops of webgl and webgpu pass int32 through float32. TensorFlow's own fused multiplies and adds round otherwise.
const isExact = !['webgl', 'webgpu'].includes(getBackend());
const rounding = getBackend() === 'tensorflow' ? 'close' : 'exact';
describe.runIf(isExact)(`the fallback on ${getBackend()}`, () => {
  const cases = conformanceCases({path: 'fallback', random: randomCases(100), rounding});
  // The same ops everywhere; quick on wasm.
  for (const {name, run} of getBackend() === 'wasm' ? cases : someCases(cases)) {
    // Far larger than all other cases, and slow by stock ops.
    it.runIf(testScale >= 1 || !name.includes('300,388'))(name, run, 60_000);
  }
});
