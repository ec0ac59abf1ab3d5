import {registerKernels} from '@subset-tuning/kernels';
import type {KernelConfig} from '@tensorflow/tfjs-core';
import {subsetProjectConfig} from './subset-project.js';
import {subsetStepConfig} from './subset-step.js';
import {topKMaskConfig} from './top-k-mask.js';

const CONFIGS: readonly KernelConfig[] = [topKMaskConfig, subsetProjectConfig, subsetStepConfig];

/**
 * Registers the kernels of subset tuning for the webgpu backend: `TopKMask`, `SubsetProject` and `SubsetStep`.
 * Before or after the backend starts; calling it again is harmless. Warns, once, where another is active.
 *
 * @throws where `tf.setBackend` asked for this backend last and it did not start; nothing is registered then.
 *
 * @example
 * ```ts
 * import {kernelPath} from '@subset-tuning/kernels';
 * import {register} from '@subset-tuning/kernels-webgpu';
 *
 * register();
 * kernelPath('SubsetStep', 'webgpu'); // 'fused'
 * ```
 */
export function register(): void {
  registerKernels(CONFIGS);
}
