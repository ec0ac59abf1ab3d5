import {SubsetProject, type SubsetProjectAttrs} from '@subset-tuning/kernels';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {runSubsetJob} from './subset-job.js';
import {wasmBackend} from './wasm-backend.js';
import {withNewSubset} from './with-new-subset.js';

/** `SubsetProject` for the wasm backend: one pass where the predicted threshold holds. The state is updated in place. */
export const subsetProjectConfig: KernelConfig = {
  kernelName: SubsetProject,
  backendName: 'wasm',
  kernelFunc: ({inputs, attrs, backend: owner}) => {
    const tensors = inputs as unknown as TensorInfo[];
    const {sizes, important, ...selection} = attrs as unknown as SubsetProjectAttrs;
    const backend = wasmBackend(owner);
    const count = sizes.length;
    const current = tensors.slice(count, 2 * count);
    const importance = important ? tensors.slice(2 * count, 3 * count) : [];
    const [mask, seeds, info] = tensors.slice(-3);
    return withNewSubset(backend, current, [], {mask, seeds, info}, selection, (outs, _, state) => {
      const rows = sizes.map((size, i) => ({
        ...{size, theta: current[i], gradient: tensors[i], out: outs[i]},
        importance: importance.at(i),
      }));
      runSubsetJob(backend, 'subsetStep', {rows, numbers: 'project', selection, state});
    });
  },
};
