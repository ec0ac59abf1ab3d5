import {SLOT_COUNT, SubsetStep, type SubsetStepAttrs} from '@subset-tuning/kernels';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {runSubsetJob} from './subset-job.js';
import {wasmBackend} from './wasm-backend.js';
import {withNewSubset} from './with-new-subset.js';

/**
 * `SubsetStep` for the wasm backend: rule, distance, selection and reset in one pass over memory where the predicted
 * threshold holds, which reads parameters, gradients and slots once and writes slots and new parameters once. Slots and
 * state are updated in place. Besides the new parameters it takes at most 9 MiB, which it frees.
 */
export const subsetStepConfig: KernelConfig = {
  kernelName: SubsetStep,
  backendName: 'wasm',
  kernelFunc: ({inputs, attrs, backend: owner}) => {
    // The engine hands on what runKernel was given; its types know only dictionaries.
    const tensors = inputs as unknown as TensorInfo[];
    const {sizes, numbers, scaled, ...selection} = attrs as unknown as SubsetStepAttrs;
    const backend = wasmBackend(owner);
    const count = sizes.length;
    const slotCount = SLOT_COUNT[numbers.rule];
    const take = (group: number) => tensors.slice(group * count, (group + 1) * count);
    const parameters = take(0);
    const gradients = take(1);
    const slots = Array.from({length: slotCount}, (_, slot) => take(2 + slot));
    const [mask, seeds, info, scale] = tensors.slice((2 + slotCount) * count);
    return withNewSubset(backend, parameters, slots.flat(), {mask, seeds, info}, selection, (outs, own, state) => {
      const rows = sizes.map((size, i) => ({
        size,
        theta: parameters[i],
        gradient: gradients[i],
        slots: slots.map((_, slot) => own[slot * count + i]),
        out: outs[i],
      }));
      runSubsetJob(backend, 'subsetStep', {rows, numbers, selection, state, scale: scaled ? scale : undefined});
    });
  },
};
