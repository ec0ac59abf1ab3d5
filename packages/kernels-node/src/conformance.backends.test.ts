import {conformanceCases} from '@subset-tuning/kernels/conformance';
import * as tf from '@tensorflow/tfjs-core';
import {describe, expect, it} from 'vitest';
import {randomCases, testScale} from '../../../test/scale.js';
import {nativeAddon} from './native-addon.js';
import type {NodeBackend} from './node-backend.js';
import {register} from './register.js';

describe('conformance of our own ops', () => {
  register();
  it('is tested with their library', () => {
    expect(nativeAddon(tf.backend() as NodeBackend)).toBeDefined();
  });
  // n = 20,000,003 takes minutes.
  const options = {random: randomCases(2000), large: testScale >= 10};
  for (const {name, run} of conformanceCases({path: 'fused', ...options})) it(name, run, 600_000);
});
