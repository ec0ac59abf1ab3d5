import {conformanceCases} from '@subset-tuning/kernels/conformance';
import {afterAll, beforeAll, describe, it} from 'vitest';
import {randomCases, someCases, testScale} from '../../../test/scale.js';
import {allowNativeAddon} from './native-addon.js';
import {register} from './register.js';

describe('conformance without the library of our own ops', () => {
  register();
  beforeAll(() => allowNativeAddon(false));
  afterAll(() => allowNativeAddon(true));
  // n = 20,000,003 takes minutes.
  const options = {random: randomCases(500), large: testScale >= 10};
  // TensorFlow's update ops round in an order of their own.
  const cases = conformanceCases({path: 'fused', rounding: 'close', ...options});
  for (const {name, run} of someCases(cases)) it(name, run, 600_000);
});
