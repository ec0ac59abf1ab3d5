import type {AdamNumbers} from '@subset-tuning/kernels';
import {backend as activeBackend, engine, type Tensor} from '@tensorflow/tfjs-core';
import {runSubsetJob} from './subset-job.js';
import {allocate, wasmBackend} from './wasm-backend.js';

/**
 * A dense step of Adam by the very code that `SubsetStep` proposes with: the floor under its time, for benchmarks. There
 * is no weight decay and no look at whether gradients are finite.
 *
 * @param parameter float32, any shape
 * @param gradient of the same shape
 * @param slots m and v, of the same shape; updated in place
 * @param numbers of which `weightDecay` must be 0
 * @returns the new parameter
 * @throws if the active backend is not wasm, if `weightDecay` is not 0, or if the heap has no room
 */
export function denseAdamStep(
  parameter: Tensor,
  gradient: Tensor,
  slots: readonly [m: Tensor, v: Tensor],
  numbers: AdamNumbers,
): Tensor {
  if (numbers.weightDecay !== 0) throw new Error(`denseAdamStep: weightDecay is ${numbers.weightDecay}; expected 0`);
  const backend = wasmBackend(activeBackend());
  const out = allocate(backend, parameter.shape, 'float32');
  const selection = {k: 0, distance: 'absolute', eta: 0, reselect: true} as const;
  const rows = [{size: parameter.size, theta: parameter, gradient, slots, out}];
  try {
    runSubsetJob(backend, 'denseAdam', {rows, numbers, selection});
  } catch (error) {
    backend.disposeData(out.dataId, true);
    throw error;
  }
  return engine().makeTensorFromTensorInfo(out);
}
