import {type FusedRule, SLOT_COUNT, SubsetStep, type SubsetStepAttrs} from '@subset-tuning/kernels';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {chooseAndReset} from './choose-and-reset.js';
import type {Params} from './params.js';
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
    params: ruleParams(numbers),
    ...(attrs.scaled ? {scale: recorder.words(inputs[stateStart + 3])} : {}),
  });
  return [...outputs.slice(0, count), ...slots.flat(), ...outputs.slice(count)];
}

/** A step's numbers as uniforms, each rounded to float32 where the reference rounds it. */
function ruleParams(numbers: FusedRule): Params {
  const {learningRate, weightDecay, decayTowards} = numbers;
  const shared: Params = {
    step: -learningRate,
    keep: 1 - learningRate * weightDecay,
    pull: learningRate * weightDecay,
    decay: weightDecay === 0 ? 0 : decayTowards === 'zero' ? 1 : 2,
  };
  switch (numbers.rule) {
    case 'sgd':
      return shared;
    case 'momentum':
      return {...shared, momentum: numbers.momentum, nesterov: numbers.nesterov ? 1 : 0};
    case 'adam':
      return {
        ...shared,
        step: -(learningRate / numbers.correction1),
        fresh1: 1 - numbers.beta1,
        beta2: numbers.beta2,
        fresh2: 1 - numbers.beta2,
        root2: Math.sqrt(numbers.correction2),
        epsilon: numbers.epsilon,
      };
  }
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
