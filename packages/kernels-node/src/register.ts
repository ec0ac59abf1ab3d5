import {registerKernels} from '@subset-tuning/kernels';
import type {KernelConfig} from '@tensorflow/tfjs-core';
import {subsetProjectConfig} from './subset-project.js';
import {subsetStepConfig} from './subset-step.js';
import {subsetStepsConfig} from './subset-steps.js';
import {topKMaskConfig} from './top-k-mask.js';

const CONFIGS: readonly KernelConfig[] = [topKMaskConfig, subsetProjectConfig, subsetStepConfig, subsetStepsConfig];

/**
 * Registers the kernels of subset tuning for the backend named tensorflow, that of tfjs-node and tfjs-node-gpu:
 * `TopKMask`, `SubsetProject`, `SubsetStep` and `SubsetSteps`. Before or after the backend starts; calling it again is
 * harmless. Warns, once, where another is active, and on Node 23 and newer, on which tfjs-node 4.22 does not run.
 *
 * @throws where `tf.setBackend` asked for this backend last and it did not start; nothing is registered then.
 *
 * @example
 * ```js
 * import '@tensorflow/tfjs-node';
 * import {register} from '@subset-tuning/kernels-node';
 * import * as tf from '@tensorflow/tfjs';
 *
 * if (!(await tf.setBackend('tensorflow'))) throw new Error('the backend of tfjs-node did not start');
 * register();
 * ```
 */
export function register(): void {
  registerKernels(CONFIGS);
  // Asked for, not imported, so that this bundles for pages too.
  const util = globalThis.process?.getBuiltinModule?.('node:util');
  if (util && !('isNullOrUndefined' in util)) {
    console.warn(
      `register: this is Node ${process.version}; tfjs-node 4.22 runs on Node 20 and 22: many of its ops call ` +
        'util.isNullOrUndefined, which Node 23 removed',
    );
  }
}
