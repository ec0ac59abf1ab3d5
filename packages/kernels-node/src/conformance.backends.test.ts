import {conformanceCases} from '@subset-tuning/kernels/conformance';
import {describe, it} from 'vitest';
import {randomCases, testScale} from '../../../test/scale.js';
import {register} from './register.js';

describe('conformance', () => {
  register();
  // n = 20,000,003 takes minutes.
  const options = {random: randomCases(2000), large: testScale >= 10};
  // TensorFlow's update ops round in an order of their own.
  for (const {name, run} of conformanceCases({path: 'fused', rounding: 'close', ...options})) it(name, run, 600_000);
});
