import * as tf from '@tensorflow/tfjs-core';

/**
 * a·bᵀ.
 *
 * @param a [n, width]
 * @param b [m, width]
 */
export function timesTransposed(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  return transposesForFree() ? tf.matMul(a, b, false, true) : tf.matMul(a, tf.transpose(b));
}

/**
 * a·bᵀ of few rows a and a large b, of which it makes no copy: where products with a transposed operand are slow it is
 * (b·aᵀ)ᵀ. Of a single row that gains next to nothing over a row of dot products.
 *
 * @param a [n, width]
 * @param b [m, width]
 */
export function fewTimesTransposed(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  if (a.shape[0] === 1 || transposesForFree()) return tf.matMul(a, b, false, true);
  return tf.tidy(() => tf.transpose(tf.matMul(b, tf.transpose(a))));
}

/**
 * aᵀ·b.
 *
 * @param a [n, width]
 * @param b [n, height]
 */
export function transposedTimes(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  return transposesForFree() ? tf.matMul(a, b, true, false) : tf.matMul(tf.transpose(a), b);
}

/**
 * Whether products take transposed operands as fast as others. The wasm backend's own kernel takes ten times as long;
 * one that says `transposesForFree` of itself, as that of `@subset-tuning/kernels-wasm` does, is spared the copies.
 */
function transposesForFree(): boolean {
  const kernel = tf.getBackend() === 'wasm' ? tf.getKernel(tf.BatchMatMul, 'wasm') : {transposesForFree: true};
  return kernel !== undefined && 'transposesForFree' in kernel && kernel.transposesForFree === true;
}
