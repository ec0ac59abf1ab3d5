import {engine, getKernel, type KernelConfig, registerKernel} from '@tensorflow/tfjs-core';
import {backendAdvice, hasFailed} from './backend-advice.js';
import {warnOnce} from './warn-once.js';

/**
 * What the `register()` of a backend's kernel package does: registers each kernel for it that nobody has registered yet,
 * before or after the backend starts. Warns, once, where tfjs does not have the backend or another is active.
 *
 * @param configs kernels of one backend, at least one.
 * @returns the kernels that were registered.
 * @throws where `tf.setBackend` asked for this backend last and it did not start; nothing is registered then.
 *
 * @example
 * ```ts
 * import {referenceTopKMask, registerKernels, TopKMask, topKMask} from '@subset-tuning/kernels';
 * import * as tf from '@tensorflow/tfjs';
 *
 * if (!(await tf.setBackend('cpu'))) throw new Error('the cpu backend did not start');
 * registerKernels([{kernelName: TopKMask, backendName: 'cpu', kernelFunc: () => tf.ones([3], 'bool')}]);
 * topKMask(tf.tensor1d([1, 2, 3]), 3).print(); // [true, true, true]
 * ```
 */
export function registerKernels(configs: readonly KernelConfig[]): KernelConfig[] {
  const [{backendName}] = configs;
  if (hasFailed(backendName)) throw new Error(`register: ${backendAdvice(backendName)}`);
  const added = configs.filter(({kernelName}) => !getKernel(kernelName, backendName));
  added.forEach(registerKernel);
  const {backendName: active, registryFactory} = engine();
  if (!(backendName in registryFactory) || (active && active !== backendName)) {
    const others = active ? `, but the active backend is '${active}'` : '';
    warnOnce(`register: kernels are registered for '${backendName}'${others}: ${backendAdvice(backendName)}`);
  }
  return added;
}
