import {SubsetProject, type SubsetProjectAttrs} from '@subset-tuning/kernels';
import type {MathBackendCPU} from '@tensorflow/tfjs-backend-cpu';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {chooseAndReset} from './choose-and-reset.js';
import {floatsOf} from './cpu-tensors.js';
import {GIVEN, type Metric, metricOf} from './measure.js';
import {scratch} from './scratch.js';

/**
 * Distances, selection and reset in one pass over memory, nearly always. Seeds and info are written in place. See `choose.ts`.
 */
function subsetProject(
  inputs: readonly TensorInfo[],
  backend: MathBackendCPU,
  attrs: SubsetProjectAttrs,
): TensorInfo[] {
  const count = attrs.sizes.length;
  const proposals = inputs.slice(0, count).map((info) => floatsOf(backend, info));
  const current = inputs.slice(count, 2 * count);
  const importances = attrs.important
    ? inputs.slice(2 * count, 3 * count).map((info) => floatsOf(backend, info))
    : undefined;
  const metric: Metric = {...metricOf(attrs), ...(importances && {weighing: GIVEN})};
  return chooseAndReset(backend, current, inputs.slice(-3), attrs, metric, (tensor, start, length) => {
    scratch.proposals.set(proposals[tensor].subarray(start, start + length));
    if (importances) scratch.weights.set(importances[tensor].subarray(start, start + length));
    return 0;
  });
}

export const subsetProjectConfig: KernelConfig = {
  kernelName: SubsetProject,
  backendName: 'cpu',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend, attrs}) =>
    subsetProject(
      inputs as unknown as readonly TensorInfo[],
      backend as MathBackendCPU,
      attrs as unknown as SubsetProjectAttrs,
    ),
};
