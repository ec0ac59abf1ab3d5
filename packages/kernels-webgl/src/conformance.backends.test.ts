import {conformanceCases} from '@subset-tuning/kernels/conformance';
import * as tf from '@tensorflow/tfjs-core';
import {afterEach, describe, expect, it} from 'vitest';
import {randomCases, someCases, testScale} from '../../../test/scale.js';
import {register} from './register.js';
import type {WebGlBackend} from './webgl-backend.js';

describe('conformance', () => {
  register();
  const {gl} = (tf.backend() as unknown as WebGlBackend).gpgpu;

  // A faulty draw throws nothing by itself.
  afterEach(() => expect(gl.getError()).toBe(gl.NO_ERROR));

  // n = 20,000,003 takes many minutes where the device is no GPU.
  const options = {random: randomCases(300), large: testScale >= 10};
  // GLSL lets a division and a root be off by a few units in the last place.
  const cases = conformanceCases({path: 'fused', rounding: 'close', ...options});
  for (const {name, run} of someCases(cases)) it(name, run, 600_000);
});
