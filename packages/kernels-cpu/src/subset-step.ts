import {SLOT_COUNT, SubsetStep, type SubsetStepAttrs} from '@subset-tuning/kernels';
import type {MathBackendCPU} from '@tensorflow/tfjs-backend-cpu';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {chooseAndReset} from './choose-and-reset.js';
import {floatsOf, own} from './cpu-tensors.js';
import {metricOf} from './measure.js';
import {scratch} from './scratch.js';
import {proposeByRule} from './update-rule.js';

const {gradients: scaled} = scratch;

/**
 * Slots, proposals, distances, selection and reset in one pass over memory, nearly always. Slots, seeds and info are written in place. See `choose.ts`.
 */
function subsetStep(inputs: readonly TensorInfo[], backend: MathBackendCPU, attrs: SubsetStepAttrs): TensorInfo[] {
  const {sizes, numbers} = attrs;
  const count = sizes.length;
  const group = (i: number) => inputs.slice(i * count, (i + 1) * count);
  const theta = group(0).map((info) => floatsOf(backend, info));
  const gradients = group(1).map((info) => floatsOf(backend, info));
  const slots = Array.from({length: SLOT_COUNT[numbers.rule]}, (_, j) =>
    group(2 + j).map((info) => own<Float32Array>(backend, info)),
  );
  const stateStart = (2 + slots.length) * count;
  const scale = attrs.scaled ? floatsOf(backend, inputs[stateStart + 3])[0] : 1;
  const metric = metricOf(attrs, numbers);
  const slotsOf = sizes.map((_, tensor) => slots.map((slot) => slot[tensor].values));

  const outputs = chooseAndReset(
    backend,
    group(0),
    inputs.slice(stateStart, stateStart + 3),
    attrs,
    metric,
    (tensor, start, length, when) => {
      let gradient = gradients[tensor];
      let gradientStart = start;
      if (attrs.scaled) {
        for (let j = 0; j < length; j++) scaled[j] = gradient[start + j] * scale;
        gradient = scaled;
        gradientStart = 0;
      }
      return proposeByRule(numbers, {
        theta: theta[tensor],
        start,
        length,
        gradient,
        gradientStart,
        slots: slotsOf[tensor],
        when,
      });
    },
  );
  const slotOutputs = slots.flatMap((slot) => slot.map((owned) => owned.toOutput()));
  return [...outputs.slice(0, count), ...slotOutputs, ...outputs.slice(count)];
}

export const subsetStepConfig: KernelConfig = {
  kernelName: SubsetStep,
  backendName: 'cpu',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend, attrs}) =>
    subsetStep(
      inputs as unknown as readonly TensorInfo[],
      backend as MathBackendCPU,
      attrs as unknown as SubsetStepAttrs,
    ),
};
