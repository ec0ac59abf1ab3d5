import {SubsetProject, SubsetStep, TopKMask} from '@subset-tuning/kernels';
import {conformanceCases} from '@subset-tuning/kernels/conformance';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import {beforeAll, describe, it} from 'vitest';
import {randomCases, someCases, testScale} from '../../../test/scale.js';
import {register} from './register.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  register();
});

describe('conformance', () => {
  const options = {path: 'fused', random: randomCases(5000), large: testScale >= 1, predicts: true} as const;
  const exact = conformanceCases({...options, kernels: [TopKMask, SubsetProject]});
  for (const {name, run} of someCases(exact, 0.1)) it(name, run);
  // Adam divides once less than the reference does: see assembly/subset/rule.ts.
  const close = conformanceCases({...options, kernels: [SubsetStep], rounding: 'close'});
  for (const {name, run} of someCases(close, 0.1)) it(name, run);
});
