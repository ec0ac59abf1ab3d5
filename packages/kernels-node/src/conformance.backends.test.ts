import {conformanceCases} from '@subset-tuning/kernels/conformance';
import {describe, it} from 'vitest';
import {register} from './register.js';

/** `LARGE=1` runs n = 20,000,003, which takes minutes. */
const {RANDOM_CASES = '10000', LARGE = ''} = process.env;

describe('conformance', () => {
  register();
  const options = {random: Number(RANDOM_CASES), large: LARGE !== ''};
  // TensorFlow's update ops round in an order of their own.
  for (const {name, run} of conformanceCases({path: 'fused', rounding: 'close', ...options})) it(name, run, 600_000);
});
