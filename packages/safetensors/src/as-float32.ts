import {show} from '@subset-tuning/checks';
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
  if (dtype === 'F16') return widen(data, halfBits);
  if (dtype === 'BF16') return widen(data, (bits) => bits << 16);
  throw new Error(`asFloat32: dtype is ${show(dtype)}, expected F32, F16 or BF16`);
}

function widen(data: Uint8Array, bitsOf: (bits: number) => number): Float32Array {
  const narrow = new Uint16Array(new Uint8Array(data).buffer);
  const wide = new Int32Array(narrow.length);
  for (let i = 0; i < narrow.length; i++) wide[i] = bitsOf(narrow[i]);
  return new Float32Array(wide.buffer);
}

const scratch = new Float32Array(1);
const scratchBits = new Int32Array(scratch.buffer);

/** The bits of the float32 that equals this IEEE 754 half. */
function halfBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  scratch[0] = fraction * 2 ** -24; // subnormal, or zero
  return sign | scratchBits[0];
}
