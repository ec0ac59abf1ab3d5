import {SubsetProject, type SubsetProjectAttrs} from '@subset-tuning/kernels';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {chooseAndReset} from './choose-and-reset.js';
import {Recorder} from './recorder.js';
import type {WebGpuBackend} from './webgpu-backend.js';

/** See `choose-and-reset.ts`. */
function subsetProject(inputs: readonly TensorInfo[], backend: WebGpuBackend, attrs: SubsetProjectAttrs): TensorInfo[] {
  const count = attrs.sizes.length;
  return Recorder.run(backend, SubsetProject, (recorder) =>
    chooseAndReset(recorder, inputs.slice(count, 2 * count), inputs.slice(-3), attrs, {
      rule: attrs.important ? 'given weighed' : 'given',
      tensorWords: (tensor) => ({proposals: recorder.words(inputs[tensor])}),
      params: {},
      ...(attrs.important && {importance: (tensor: number) => recorder.words(inputs[2 * count + tensor])}),
    }),
  );
}

export const subsetProjectConfig: KernelConfig = {
  kernelName: SubsetProject,
  backendName: 'webgpu',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend, attrs}) =>
    subsetProject(
      inputs as unknown as readonly TensorInfo[],
      backend as WebGpuBackend,
      attrs as unknown as SubsetProjectAttrs,
    ),
};
