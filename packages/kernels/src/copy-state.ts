import {
  add,
  engine,
  getKernel,
  type NamedAttrMap,
  type NamedTensorMap,
  scalar,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import {activeBackend} from './active-backend.js';
import {CopyState, type SubsetState} from './contract.js';

/**
 * A copy of a silo's state, for a call that consumes it where the state itself is to stay.
 *
 * By the kernel `CopyState` where the backend has it, else by sums, which are exact where int32 is: subnormal seeds may
 * become zeros there.
 *
 * @example
 * ```ts
 * import {copyState, createState} from '@subset-tuning/kernels';
 * import '@tensorflow/tfjs';
 *
 * const copy = copyState(createState([6, 40]));
 * ```
 */
export function copyState(state: SubsetState<Tensor>): SubsetState<Tensor> {
  if (getKernel(CopyState, activeBackend())) {
    // The engine hands both on as they are; its types know only dictionaries.
    const inputs = state as unknown as NamedTensorMap;
    return engine().runKernel<SubsetState<Tensor>>(CopyState, inputs, {} satisfies NamedAttrMap);
  }
  const [mask, seeds, info] = state;
  return tidy(() => {
    const zero = scalar(0, 'int32');
    return [add(mask, zero), add(seeds, 0), add(info, zero)];
  });
}
