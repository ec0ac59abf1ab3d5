import {SubsetProject, SubsetStep, TopKMask} from '@subset-tuning/kernels';
import {conformanceCases} from '@subset-tuning/kernels/conformance';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import {beforeAll, describe, it} from 'vitest';
import {register} from './register.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
  register();
});

describe('conformance', () => {
  for (const {name, run} of conformanceCases({path: 'fused', kernels: [TopKMask, SubsetProject]})) it(name, run);
  // Adam narrows to float32 less often than the reference does: see update-rule.ts.
  for (const {name, run} of conformanceCases({
    path: 'fused',
    kernels: [SubsetStep],
    rounding: 'close',
    predicts: true,
  })) {
    it(name, run);
  }
});
