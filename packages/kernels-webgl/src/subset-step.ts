import {ruleConstants, SLOT_COUNT, SubsetStep, type SubsetStepAttrs} from '@subset-tuning/kernels';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {chooseAndReset} from './choose-and-reset.js';
import {Painter} from './painter.js';
import type {WebGlBackend} from './webgl-backend.js';

function subsetStep(inputs: readonly TensorInfo[], backend: WebGlBackend, attrs: SubsetStepAttrs): TensorInfo[] {
  const {sizes, numbers} = attrs;
  const count = sizes.length;
  const group = (j: number) => inputs.slice(j * count, (j + 1) * count);
  const slots = Array.from({length: SLOT_COUNT[numbers.rule]}, (_, j) => group(2 + j));
  const [mask, seeds, info, scale] = inputs.slice((2 + slots.length) * count);
  const gradients = group(1);
  return Painter.run(backend, SubsetStep, (painter) =>
    chooseAndReset(painter, group(0), [mask, seeds, info], attrs, {
      rule: numbers.rule,
      uniforms: ruleConstants(numbers),
      reads: (tensor) => ({gradient: gradients[tensor]}),
      slots,
      ...(attrs.scaled ? {scale} : {}),
    }),
  );
}

export const subsetStepConfig: KernelConfig = {
  kernelName: SubsetStep,
  backendName: 'webgl',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend, attrs}) =>
    subsetStep(
      inputs as unknown as readonly TensorInfo[],
      backend as WebGlBackend,
      attrs as unknown as SubsetStepAttrs,
    ),
};
