import {registerKernels} from '@subset-tuning/kernels';
import type {KernelConfig} from '@tensorflow/tfjs-core';
import {finiteNormConfig} from './finite-norm.js';
import {subsetProjectConfig} from './subset-project.js';
import {subsetStepConfig} from './subset-step.js';
import {topKMaskConfig} from './top-k-mask.js';

const CONFIGS: readonly KernelConfig[] = [topKMaskConfig, subsetProjectConfig, subsetStepConfig, finiteNormConfig];

/**
 * Registers the kernels of subset tuning for the cpu backend: `TopKMask`, `SubsetProject`, `SubsetStep` and
 * `FiniteNorm`. Before or after the backend starts; calling it again is harmless. Warns, once, where another
 * backend is active.
 *
 * @throws where `tf.setBackend` asked for this backend last and it did not start; nothing is registered then.
 *
 * @example
 * ```ts
 * import {topKMask} from '@subset-tuning/kernels';
 * import {register} from '@subset-tuning/kernels-cpu';
 * import * as tf from '@tensorflow/tfjs';
 *
 * if (!(await tf.setBackend('cpu'))) throw new Error('the cpu backend did not start');
 * register();
 * topKMask(tf.tensor1d([3, -5, 0, 4]), 2).print(); // [false, true, false, true]
 * ```
 */
export function register(): void {
  registerKernels(CONFIGS);
}
