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
 * await tf.setBackend('cpu');
 * describe('conformance', () => {
 *   for (const {name, run} of conformanceCases({path: 'fallback'})) it(name, run);
 * });
 * ```
 */
export function conformanceCases({
  path,
  kernels = CONTRACT_KERNELS,
  rounding = 'exact',
  random = 200,
  seed = 1,
  large = false,
  predicts = false,
}: ConformanceOptions): ConformanceCase[] {
  const options: CheckedOptions = {path, kernels, rounding, random, seed, large, predicts};
  const cases = [
    ...kernels.flatMap((kernel) => CASES[kernel](options)),
    ...randomCases(options),
    ...(large ? largeCases(options) : []),
  ];
  return cases.map(({name, run}) => ({name, run: () => withoutLeak(run)}));
}
