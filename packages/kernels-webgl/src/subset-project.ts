import {SubsetProject, type SubsetProjectAttrs} from '@subset-tuning/kernels';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {chooseAndReset} from './choose-and-reset.js';
import {Painter} from './painter.js';
import type {WebGlBackend} from './webgl-backend.js';

function subsetProject(inputs: readonly TensorInfo[], backend: WebGlBackend, attrs: SubsetProjectAttrs): TensorInfo[] {
  const count = attrs.sizes.length;
  return Painter.run(backend, SubsetProject, (painter) =>
    chooseAndReset(painter, inputs.slice(count, 2 * count), inputs.slice(-3), attrs, {
      rule: 'given',
      uniforms: {},
      reads: (tensor) => ({proposals: inputs[tensor]}),
      slots: [],
      ...(attrs.important && {importances: inputs.slice(2 * count, 3 * count)}),
    }),
  );
}

export const subsetProjectConfig: KernelConfig = {
  kernelName: SubsetProject,
  backendName: 'webgl',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend, attrs}) =>
    subsetProject(
      inputs as unknown as readonly TensorInfo[],
      backend as WebGlBackend,
      attrs as unknown as SubsetProjectAttrs,
    ),
};
