import {conformanceCases} from '@subset-tuning/kernels/conformance';
import * as tf from '@tensorflow/tfjs-core';
import {afterEach, describe, expect, it} from 'vitest';
import {register} from './register.js';
import type {WebGlBackend} from './webgl-backend.js';

/** `RANDOM_CASES=10000 LARGE=1` runs what takes many minutes where the device is no GPU. */
const {RANDOM_CASES = '1000', LARGE = ''} = process.env;

describe('conformance', () => {
  register();
  const {gl} = (tf.backend() as unknown as WebGlBackend).gpgpu;

  // A faulty draw throws nothing by itself.
  afterEach(() => expect(gl.getError()).toBe(gl.NO_ERROR));

  const options = {random: Number(RANDOM_CASES), large: LARGE !== ''};
  // GLSL lets a division and a root be off by a few units in the last place.
  for (const {name, run} of conformanceCases({path: 'fused', rounding: 'close', ...options})) {
    it(name, run, 600_000);
  }
});
