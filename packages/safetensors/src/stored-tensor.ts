import {bytes, check, object, show} from '@subset-tuning/checks';
import {DTYPE_BITS, type Dtype, isDtype} from './dtype.js';

/** What a tensor is. */
export interface TensorInfo {
  dtype: Dtype;
  shape: readonly number[];
}

/** A tensor as it lies in a file. */
export interface StoredTensor extends TensorInfo {
  /** The elements in row-major order, little-endian. */
  data: Uint8Array;
}

/** What a safetensors file holds. */
export interface Safetensors {
  tensors: Map<string, StoredTensor>;
  /** The free text of `__metadata__`. */
  metadata: Map<string, string>;
}

/** The reference implementation's bound on a header's length, in bytes. */
export const MAX_HEADER_BYTES = 100_000_000;

/** Throws unless a tensor's data are the bytes that its dtype and shape say. */
export function checkTensor(what: string, tensor: StoredTensor): void {
  check(what, tensor, STORED_TENSOR);
  const {dtype, shape, data} = tensor;
  check(`${what}: data`, data, bytes);
  const expected = byteLength(what, dtype, shape);
  if (data.length !== expected) throw new Error(`${what} has ${data.length} bytes, expected ${expected}`);
}

const STORED_TENSOR = object('an object {dtype, shape, data}');

/** What the reference implementation counts with. */
const LARGEST = 2n ** 64n - 1n;

/** Bytes that a tensor of this type and shape takes. Throws where `dtype` or `shape` is not one of a tensor. */
export function byteLength(name: string, dtype: unknown, shape: unknown): number {
  if (!isDtype(dtype)) throw new Error(`${name}: dtype is ${show(dtype)}, expected one of the format, such as "F32"`);
  if (!isShape(shape)) throw new Error(`${name}: shape is ${show(shape)}, expected an array of whole numbers ≥ 0`);
  const multiply = (product: bigint, size: number): bigint => {
    const larger = product * (size === 2 ** 64 ? LARGEST : BigInt(size)); // the only double above it, of 2^64 - 1 and the like
    if (larger <= LARGEST) return larger;
    throw new Error(`${name}: shape ${show(shape)} of ${dtype} is too large to count`);
  };
  const bits = multiply(shape.reduce(multiply, 1n), DTYPE_BITS[dtype]);
  if (bits % 8n !== 0n) throw new Error(`${name}: shape ${show(shape)} of ${dtype} does not fill whole bytes`);
  return Number(bits / 8n);
}

export function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 2 ** 64;
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}
