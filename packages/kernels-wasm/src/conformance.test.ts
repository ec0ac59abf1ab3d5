import {SubsetProject, SubsetStep, TopKMask} from '@subset-tuning/kernels';
import {conformanceCases} from '@subset-tuning/kernels/conformance';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import {beforeAll, describe, it} from 'vitest';
import {randomCases, testScale} from '../../../test/scale.js';
import {register} from './register.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  register();
});

describe('conformance', () => {
  const options = {path: 'fused', random: randomCases(5000), large: testScale >= 1, predicts: true} as const;
  for (const {name, run} of conformanceCases({...options, kernels: [TopKMask, SubsetProject]})) it(name, run);
  // Adam divides once less than the reference does: see assembly/subset/rule.ts.
  for (const {name, run} of conformanceCases({...options, kernels: [SubsetStep], rounding: 'close'})) it(name, run);
});
