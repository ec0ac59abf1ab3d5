import {conformanceCases} from '@subset-tuning/kernels/conformance';
import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {randomCases, someCases, testScale} from '../../../test/scale.js';
import {register} from './register.js';
import type {WebGpuBackend} from './webgpu-backend.js';

describe('conformance', () => {
  register();
  const {device} = tf.backend() as unknown as WebGpuBackend;

  // A faulty shader or binding throws nothing by itself.
  beforeEach(() => device.pushErrorScope('validation'));
  afterEach(async () => expect(await device.popErrorScope()).toBeNull());

  // A page's Dawn is Node's, too. n = 20,000,003 takes many minutes where the device is no GPU.
  const inPage = typeof document === 'object';
  const options = {random: randomCases(inPage ? 50 : 1000), large: testScale >= 10};
  // WGSL lets a division and a root be off by a few units in the last place.
  const cases = conformanceCases({path: 'fused', rounding: 'close', predicts: true, ...options});
  for (const {name, run} of inPage ? someCases(cases) : cases) it(name, run, 600_000);
});
