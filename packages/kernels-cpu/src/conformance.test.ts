import {SubsetProject, SubsetStep, TopKMask} from '@subset-tuning/kernels';
import {conformanceCases} from '@subset-tuning/kernels/conformance';
import '@tensorflow/tfjs-backend-cpu';
import {setBackend} from '@tensorflow/tfjs-core';
import {beforeAll, describe, it} from 'vitest';
import {randomCases, someCases, testScale} from '../../../test/scale.js';
import {register} from './register.js';

beforeAll(async () => {
  await setBackend('cpu');
  register();
});

describe('conformance', () => {
  const options = {path: 'fused', random: randomCases(5000)} as const;
  const exact = conformanceCases({...options, kernels: [TopKMask, SubsetProject]});
  for (const {name, run} of someCases(exact, 0.1)) it(name, run);
  // Adam rounds less often than the reference does: see update-rule.ts.
  const steps = {...options, kernels: [SubsetStep], rounding: 'close', predicts: true} as const;
  for (const {name, run} of someCases(conformanceCases(steps), 0.1)) it(name, run);
  const large = {path: 'fused', kernels: [TopKMask], random: 0, large: true} as const;
  const [{name, run}] = conformanceCases(large).filter((one) => one.name.includes('20,000,003'));
  it.runIf(testScale >= 1)(name, run);
});
