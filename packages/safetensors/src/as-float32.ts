import {show} from '@subset-tuning/checks';
import {halves} from './half.js';
import {checkTensor, type StoredTensor} from './stored-tensor.js';

/**
 * A tensor's elements as float32, in an array of their own (so it may lie anywhere in its file, and the file may go).
 * F32 keeps its bits; F16 and BF16 convert exactly.
 *
 * @throws for any other dtype, and where the data are no bytes or not as many as dtype and shape say.
 *
 * @example
 * ```ts
 * import {asFloat32} from '@subset-tuning/safetensors';
 * asFloat32({dtype: 'BF16', shape: [1], data: Uint8Array.of(0x80, 0x3f)}); // Float32Array [1]
 * ```
 */
export function asFloat32(tensor: StoredTensor): Float32Array {
  checkTensor('asFloat32: tensor', tensor);
  const {dtype, data} = tensor;
  // A copy starts at 0 of a buffer, so the views are aligned. (Not slice(): that of a Node Buffer does not copy.)
  if (dtype === 'F32') return new Float32Array(new Uint8Array(data).buffer);
  if (dtype === 'F16') {
    const bits = new Int32Array(halves().buffer); // as floats, a NaN might lose its own
    return widen(data, (half) => bits[half]);
  }
  if (dtype === 'BF16') return widen(data, (bits) => bits << 16);
  throw new Error(`asFloat32: dtype is ${show(dtype)}, expected F32, F16 or BF16`);
}

function widen(data: Uint8Array, bitsOf: (bits: number) => number): Float32Array {
  const narrow = new Uint16Array(new Uint8Array(data).buffer);
  const wide = new Int32Array(narrow.length);
  for (let i = 0; i < narrow.length; i++) wide[i] = bitsOf(narrow[i]);
  return new Float32Array(wide.buffer);
}
