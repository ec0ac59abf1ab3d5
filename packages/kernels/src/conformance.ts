import {arrayOf, checkOptions, flag, type Kinds, oneOf, optional, wholeNumber} from '@subset-tuning/checks';
import {withoutLeak} from './conformance/guard.js';
import {largeCases} from './conformance/large-cases.js';
import type {CheckedOptions, ConformanceCase, ConformanceOptions} from './conformance/options.js';
import {randomCases} from './conformance/random-cases.js';
import {subsetProjectCases} from './conformance/subset-project-cases.js';
import {subsetStepCases} from './conformance/subset-step-cases.js';
import {topKMaskCases} from './conformance/top-k-mask-cases.js';
import {CONTRACT_KERNELS, type ContractKernel, SubsetProject, SubsetStep, TopKMask} from './contract.js';

export type {ConformanceCase, ConformanceOptions} from './conformance/options.js';

const CASES: Record<ContractKernel, (options: CheckedOptions) => ConformanceCase[]> = {
  [TopKMask]: topKMaskCases,
  [SubsetProject]: subsetProjectCases,
  [SubsetStep]: subsetStepCases,
};

const CONFORMANCE_OPTIONS: Kinds<ConformanceOptions> = {
  path: oneOf(['fused', 'fallback']),
  kernels: optional(arrayOf(oneOf(CONTRACT_KERNELS), `an array of names among ${CONTRACT_KERNELS.join(', ')}`)),
  rounding: optional(oneOf(['exact', 'close'])),
  ...{random: optional(wholeNumber(0)), seed: optional(wholeNumber(0))},
  ...{large: optional(flag), predicts: optional(flag)},
};

/**
 * The contract as test cases, for any test runner: each runs the public ops on the active backend and compares them
 * with the reference routines and a sorting oracle, and checks that inputs are untouched and no tensor is left behind.
 *
 * @example
 * ```ts no-run
 * import {conformanceCases} from '@subset-tuning/kernels/conformance';
 * import * as tf from '@tensorflow/tfjs';
 * import {describe, it} from 'vitest';
 *
 * if (!(await tf.setBackend('cpu'))) throw new Error('the cpu backend did not start');
 * describe('conformance', () => {
 *   for (const {name, run} of conformanceCases({path: 'fallback'})) it(name, run);
 * });
 * ```
 */
export function conformanceCases(options: ConformanceOptions): ConformanceCase[] {
  checkOptions('conformanceCases', options, CONFORMANCE_OPTIONS);
  const {path, kernels = CONTRACT_KERNELS, rounding = 'exact', random = 200, seed = 1} = options;
  const {large = false, predicts = false} = options;
  const checked: CheckedOptions = {path, kernels, rounding, random, seed, large, predicts};
  const cases = [
    ...kernels.flatMap((kernel) => CASES[kernel](checked)),
    ...randomCases(checked),
    ...(large ? largeCases(checked) : []),
  ];
  return cases.map(({name, run}) => ({name, run: () => withoutLeak(run)}));
}
