import {FiniteNorm, NORM_UNIT} from '@subset-tuning/kernels';
import type {KernelConfig, TensorInfo} from '@tensorflow/tfjs-core';
import {util} from '@tensorflow/tfjs-core';
import * as binary from './generated/finite-norm.js';
import {loadModule} from './load-module.js';
import {allocate, memoryOf, pointerTo, wasmBackend} from './wasm-backend.js';

interface Squares {
  finiteSumOfSquares(x: number, count: number): number;
}

/** `FiniteNorm` for the wasm backend, whose own sums add float32 one after the other. One pass over memory. */
export const finiteNormConfig: KernelConfig = {
  kernelName: FiniteNorm,
  backendName: 'wasm',
  kernelFunc: ({inputs, backend: owner}) => {
    // The engine hands on what runKernel was given; its types know only dictionaries.
    const tensors = inputs as unknown as TensorInfo[];
    const backend = wasmBackend(owner);
    const memory = memoryOf(backend);
    const {finiteSumOfSquares} = loadModule<Squares>(binary, memory);
    const total = tensors.reduce(
      (sum, tensor) => sum + finiteSumOfSquares(pointerTo(backend, tensor), util.sizeFromShape(tensor.shape)),
      0,
    );
    const out = allocate(backend, [], 'float32');
    new Float32Array(memory.buffer)[pointerTo(backend, out) / 4] = Math.sqrt(total) / NORM_UNIT;
    return out;
  },
};
