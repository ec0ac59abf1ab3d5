import {
  type _FusedMatMulAttrs,
  type _FusedMatMulInputs,
  Add,
  Elu,
  getKernel,
  type KernelConfig,
  LeakyRelu,
  Prelu,
  Relu,
  Relu6,
  Sigmoid,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import {matMul, threadsOfProducts} from './mat-mul.js';
import {endThreads} from './threads.js';
import {type WasmBackend, wasmBackend} from './wasm-backend.js';

/** A kernel of products that takes transposed operands as fast as others: who calls it need not transpose them first. */
export interface MatMulConfig extends KernelConfig {
  readonly transposesForFree: true;
}

/**
 * `BatchMatMul` (tf.matMul) and `_FusedMatMul` (tf.fused.matMul, dense layers) with every form fast and right.
 *
 * The stock kernels of 4.22 are fast for one plain product alone: a transposed or batched one takes a loop that is ten
 * times slower, and every backward pass is made of those. In that loop the fused kernel also adds the bias wrongly.
 * The stock kernel keeps dtypes other than float32, which it refuses, and where the backend has several threads plain
 * products until ours have started. Activations are the backend's own kernels.
 */
export function matMulConfig(stock: KernelConfig): MatMulConfig {
  return {
    ...stock,
    transposesForFree: true,
    disposeFunc: (backend) => {
      endThreads(wasmBackend(backend));
      stock.disposeFunc?.(backend);
    },
    kernelFunc: (args) => {
      // What BatchMatMul is given is a part of what _FusedMatMul is given.
      const {a, b, bias, preluActivationWeights} = args.inputs as _FusedMatMulInputs;
      const attrs = args.attrs as unknown as Partial<_FusedMatMulAttrs>;
      const {transposeA = false, transposeB = false, activation = 'linear', leakyreluAlpha = 0.2} = attrs;
      const backend = wasmBackend(args.backend);

      const perColumn = bias?.shape.length === 1 && bias.shape[0] === b.shape.at(transposeB ? -2 : -1);
      const single = [...a.shape.slice(0, -2), ...b.shape.slice(0, -2)].every((size) => size === 1);
      const plain = single && !transposeA && !transposeB && (!bias || perColumn);
      const float = [a, b, bias].every((x) => !x || x.dtype === 'float32');
      if (!float || (plain && areThreadsYetToStart(backend))) return stock.kernelFunc(args);

      let out = matMul({a, b, transposeA, transposeB, bias: perColumn ? bias : undefined}, backend);
      if (bias && !perColumn) out = replaced(out, Add, {a: out, b: bias}, {}, backend);
      if (activation === 'linear') return out;
      const inputs = activation === 'prelu' ? {x: out, alpha: preluActivationWeights} : {x: out};
      return replaced(out, ACTIVATIONS[activation], inputs, {alpha: leakyreluAlpha}, backend);
    },
  };
}

function areThreadsYetToStart(backend: WasmBackend): boolean {
  return threadsOfProducts(backend)?.size === 1;
}

const ACTIVATIONS = {relu: Relu, relu6: Relu6, elu: Elu, sigmoid: Sigmoid, leakyrelu: LeakyRelu, prelu: Prelu};

/** What a kernel of the backend makes of `old`, which is disposed of. */
function replaced(
  old: TensorInfo,
  kernelName: string,
  inputs: Record<string, TensorInfo | undefined>,
  attrs: Record<string, number>,
  backend: WasmBackend,
): TensorInfo {
  try {
    const kernel = getKernel(kernelName, 'wasm');
    if (!kernel) throw new Error(`matMul: the wasm backend has no kernel '${kernelName}'`);
    const out = kernel.kernelFunc({inputs, attrs, backend});
    return Array.isArray(out) ? out[0] : out;
  } finally {
    backend.disposeData(old.dataId);
  }
}
