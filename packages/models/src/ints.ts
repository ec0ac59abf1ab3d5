import {type Tensor1D, tensor1d} from '@tensorflow/tfjs-core';

/** These whole numbers as an int32 tensor. */
export function ints(values: readonly number[]): Tensor1D {
  return tensor1d(Int32Array.from(values), 'int32');
}
