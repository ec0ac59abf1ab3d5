import {conformanceCases} from '@subset-tuning/kernels/conformance';
import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {register} from './register.js';
import type {WebGpuBackend} from './webgpu-backend.js';

/** `RANDOM_CASES=10000 LARGE=1` runs what takes many minutes where the device is no GPU. */
const {RANDOM_CASES = '1000', LARGE = ''} = process.env;

describe('conformance', () => {
  register();
  const {device} = tf.backend() as unknown as WebGpuBackend;

  // A faulty shader or binding throws nothing by itself.
  beforeEach(() => device.pushErrorScope('validation'));
  afterEach(async () => expect(await device.popErrorScope()).toBeNull());

  const options = {random: Number(RANDOM_CASES), large: LARGE !== ''};
  // WGSL lets a division and a root be off by a few units in the last place.
  for (const {name, run} of conformanceCases({path: 'fused', rounding: 'close', predicts: true, ...options})) {
    it(name, run, 600_000);
  }
});
