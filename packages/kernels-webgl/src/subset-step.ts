import {type FusedRule, SLOT_COUNT, SubsetStep, type SubsetStepAttrs} from '@subset-tuning/kernels';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {chooseAndReset} from './choose-and-reset.js';
import {Painter, type Uniforms} from './painter.js';
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
      uniforms: uniformsOf(numbers),
      reads: (tensor) => ({gradient: gradients[tensor]}),
      slots,
      ...(attrs.scaled ? {scale} : {}),
    }),
  );
}

/** The rule's numbers as its shaders take them; they round to float32 on the way. */
function uniformsOf(numbers: FusedRule): Uniforms {
  const {learningRate, weightDecay, decayTowards} = numbers;
  const shared = {
    decay: weightDecay === 0 ? 0 : decayTowards === 'zero' ? 1 : 2,
    keep: 1 - learningRate * weightDecay,
    pull: learningRate * weightDecay,
    rate: -learningRate,
  };
  switch (numbers.rule) {
    case 'sgd':
      return shared;
    case 'momentum':
      return {...shared, momentum: numbers.momentum, nesterov: numbers.nesterov ? 1 : 0};
    case 'adam':
      return {
        ...shared,
        rate: -(learningRate / numbers.correction1),
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
  backendName: 'webgl',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend, attrs}) =>
    subsetStep(
      inputs as unknown as readonly TensorInfo[],
      backend as WebGlBackend,
      attrs as unknown as SubsetStepAttrs,
    ),
};
