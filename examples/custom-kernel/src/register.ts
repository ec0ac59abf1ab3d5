import * as kernels from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {ToyBackend, type Values} from './toy-backend.js';

/** What a kernel computes: arrays shaped like the inputs in turn, then the state where it has one. */
type Outputs = {shaped: Values[]; state?: kernels.SubsetStateArrays};

/** The kernels of the contract on the values of their inputs, by the reference routines. */
const KERNELS: {[K in kernels.ContractKernel]: (values: Float32Array[], attrs: kernels.KernelAttrs[K]) => Outputs} = {
  TopKMask: ([x, y, importance], attrs) => ({shaped: [kernels.referenceTopKMask(x, y, attrs, importance)]}),
  SubsetProject: (values, attrs) => {
    const {groups, ...silo} = siloOf(values, attrs.important ? 3 : 2, attrs.sizes.length);
    const [proposals, current, importance] = groups;
    const after = kernels.referenceSubsetProject({proposals, current, importance, ...silo}, attrs);
    return {shaped: after.parameters, state: after.state};
  },
  SubsetStep: (values, attrs) => {
    const {groups, ...silo} = siloOf(values, 2 + kernels.SLOT_COUNT[attrs.numbers.rule], attrs.sizes.length);
    const [parameters, gradients, ...slots] = groups;
    const after = kernels.referenceSubsetStep({parameters, gradients, slots, ...silo}, attrs);
    return {shaped: [...after.parameters, ...after.slots.flat()], state: after.state};
  },
};

/** Inputs in the contract's order: groups of a tensor each, the state, and the scale of the gradients where given. */
function siloOf(values: Float32Array[], count: number, tensors: number) {
  const groups = Array.from({length: count}, (_, i) => values.slice(i * tensors, (i + 1) * tensors));
  const end = count * tensors;
  const state = values.slice(end, end + 3) as unknown as kernels.SubsetStateArrays; // mask and info are int32
  return {groups, state, scale: values[end + 3]?.[0] ?? 1};
}

/** Registers the backend `toy` with all three kernels. Calling it again is harmless. */
export function register(): void {
  if (tf.findBackendFactory('toy')) return;
  tf.registerBackend('toy', () => new ToyBackend());
  for (const kernelName of kernels.CONTRACT_KERNELS) {
    tf.registerKernel({
      ...{kernelName, backendName: 'toy'},
      kernelFunc: ({inputs, attrs, backend}) => {
        // The types of tfjs know neither arrays of inputs nor the attributes of kernels that are not its own.
        const tensors = inputs as unknown as tf.TensorInfo[];
        const toy = backend as ToyBackend;
        const make = (values: Values, shape: number[]): tf.TensorInfo => {
          const dtype = values instanceof Float32Array ? 'float32' : values instanceof Int32Array ? 'int32' : 'bool';
          return {dataId: toy.write(values, shape, dtype), shape, dtype};
        };
        const values = tensors.map((tensor) => toy.valuesOf(tensor) as Float32Array);
        const {shaped, state = []} = KERNELS[kernelName](values, attrs as never);
        return [...shaped.map((one, i) => make(one, tensors[i].shape)), ...state.map((one) => make(one, [one.length]))];
      },
    });
  }
  tf.registerKernel({
    ...{kernelName: 'Identity', backendName: 'toy'}, // what tf.clone calls: the same data under a handle of its own
    kernelFunc: ({inputs, backend}) => {
      const {dataId, shape, dtype} = inputs.x as tf.TensorInfo;
      (backend as ToyBackend).incRef(dataId);
      return {dataId, shape, dtype};
    },
  });
}
