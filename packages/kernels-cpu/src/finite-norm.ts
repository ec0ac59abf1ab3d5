import {FiniteNorm, NORM_UNIT} from '@subset-tuning/kernels';
import type {MathBackendCPU} from '@tensorflow/tfjs-backend-cpu';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {adopt, floatsOf} from './cpu-tensors.js';

/** One pass over memory, in float64: no float32 has a square that is out of its range. */
function finiteNorm(inputs: readonly TensorInfo[], backend: MathBackendCPU): TensorInfo {
  let total = 0;
  for (const input of inputs) {
    const values = floatsOf(backend, input);
    const sum = sumOfSquares(values);
    total += Number.isFinite(sum) ? sum : finiteSumOfSquares(values);
  }
  return adopt(backend, [], 'float32', Float32Array.of(Math.sqrt(total) / NORM_UNIT));
}

/** In four sums, none of which waits for the others. */
function sumOfSquares(values: Float32Array): number {
  const whole = values.length - (values.length % 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < whole; i += 4) {
    a += values[i] * values[i];
    b += values[i + 1] * values[i + 1];
    c += values[i + 2] * values[i + 2];
    d += values[i + 3] * values[i + 3];
  }
  for (let i = whole; i < values.length; i++) a += values[i] * values[i];
  return a + b + (c + d);
}

function finiteSumOfSquares(values: Float32Array): number {
  let sum = 0;
  for (const value of values) if (Number.isFinite(value)) sum += value * value;
  return sum;
}

export const finiteNormConfig: KernelConfig = {
  kernelName: FiniteNorm,
  backendName: 'cpu',
  // The engine hands on what the contract says; its types know only dictionaries.
  kernelFunc: ({inputs, backend}) => finiteNorm(inputs as unknown as readonly TensorInfo[], backend as MathBackendCPU),
};
