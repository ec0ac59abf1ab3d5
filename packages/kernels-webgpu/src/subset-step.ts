import {ruleConstants, SLOT_COUNT, SubsetStep, type SubsetStepAttrs} from '@subset-tuning/kernels';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {chooseAndReset} from './choose-and-reset.js';
import {Recorder, type Words} from './recorder.js';
import type {WebGpuBackend} from './webgpu-backend.js';

/** Slots are updated in place. See `choose-and-reset.ts`. */
function subsetStep(inputs: readonly TensorInfo[], backend: WebGpuBackend, attrs: SubsetStepAttrs): TensorInfo[] {
  return Recorder.run(backend, SubsetStep, (recorder) => record(recorder, inputs, attrs));
}

function record(recorder: Recorder, inputs: readonly TensorInfo[], attrs: SubsetStepAttrs): TensorInfo[] {
  const {sizes, numbers} = attrs;
  const count = sizes.length;
  const group = (i: number) => inputs.slice(i * count, (i + 1) * count);
  const gradients = group(1);
  const slots = Array.from({length: SLOT_COUNT[numbers.rule]}, (_, j) =>
    group(2 + j).map((slot) => recorder.own(slot)),
  );
  const stateStart = (2 + slots.length) * count;
  const outputs = chooseAndReset(recorder, group(0), inputs.slice(stateStart, stateStart + 3), attrs, {
    rule: numbers.rule,
    tensorWords: (tensor) => {
      const words: Record<string, Words> = {gradient: recorder.words(gradients[tensor])};
      slots.forEach((slot, j) => {
        words[`slot${j}`] = recorder.words(slot[tensor]);
      });
      return words;
    },
    params: ruleConstants(numbers),
    ...(attrs.scaled ? {scale: recorder.words(inputs[stateStart + 3])} : {}),
  });
  return [...outputs.slice(0, count), ...slots.flat(), ...outputs.slice(count)];
}

export const subsetStepConfig: KernelConfig = {
  kernelName: SubsetStep,
  backendName: 'webgpu',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend, attrs}) =>
    subsetStep(
      inputs as unknown as readonly TensorInfo[],
      backend as WebGpuBackend,
      attrs as unknown as SubsetStepAttrs,
    ),
};
