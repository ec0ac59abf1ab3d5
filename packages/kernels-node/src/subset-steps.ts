import {SubsetSteps, type SubsetStepsAttrs} from '@subset-tuning/kernels';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {nativeAddon} from './native-addon.js';
import {nativeSubsetSteps} from './native-step.js';
import type {NodeBackend} from './node-backend.js';

/** Steps of several silos in one op of ours. Without it there is nothing to gain. */
function subsetSteps(inputs: readonly TensorInfo[], backend: NodeBackend, attrs: SubsetStepsAttrs): TensorInfo[] {
  const addon = nativeAddon(backend);
  return addon ? nativeSubsetSteps(inputs, backend, addon, attrs) : [];
}

export const subsetStepsConfig: KernelConfig = {
  kernelName: SubsetSteps,
  backendName: 'tensorflow',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend, attrs}) =>
    subsetSteps(
      inputs as unknown as readonly TensorInfo[],
      backend as NodeBackend,
      attrs as unknown as SubsetStepsAttrs,
    ),
};
