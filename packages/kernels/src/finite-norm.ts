import {check} from '@subset-tuning/checks';
import {
  engine,
  getKernel,
  type NamedAttrMap,
  type NamedTensorMap,
  type Scalar,
  type Tensor,
} from '@tensorflow/tfjs-core';
import {activeBackend} from './active-backend.js';
import {checkFloats, tensors as tensorsKind} from './check.js';
import {FiniteNorm} from './contract.js';
import {fallbackFiniteNorm} from './fallback/finite-norm.js';

/**
 * The Euclidean norm of all elements of some tensors taken together, without those that are not finite, right to 1e-5 of
 * itself however many there are and however large: in units of 2³² ({@link NORM_UNIT}), since in float32 the norm of
 * finite numbers may be infinite, and so may their squares from 1.8e19 on. Below 2⁻⁹⁴ it may be zero.
 *
 * By the kernel `FiniteNorm` where the backend has it, else by plain tfjs ops.
 *
 * @param tensors float32, of any shapes.
 * @returns a float32 scalar; nothing is read back.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {finiteNorm, NORM_UNIT} from '@subset-tuning/kernels';
 * const [norm] = await finiteNorm([tf.tensor1d([3e30, NaN]), tf.scalar(4e30)]).data();
 * norm * NORM_UNIT; // 5e30
 * ```
 */
export function finiteNorm(tensors: readonly Tensor[]): Scalar {
  check('finiteNorm: tensors', tensors, tensorsKind);
  checkFloats('finiteNorm: tensors', tensors);
  if (!getKernel(FiniteNorm, activeBackend())) return fallbackFiniteNorm(tensors);
  // The engine hands both on as they are; its types know only dictionaries.
  const inputs = tensors as unknown as NamedTensorMap;
  return engine().runKernel<Scalar>(FiniteNorm, inputs, {} satisfies NamedAttrMap);
}
