import {bytes, check, object, oneOf, show} from '@subset-tuning/checks';
import {DTYPE_NAMES, DTYPES, type Dtype} from './dtype.js';

/** What a tensor is. */
export interface TensorInfo {
  dtype: Dtype;
  /** As other formats have it, the fastest-running size last: a file of ggml's has them the other way round. */
  shape: readonly number[];
}

/** A tensor as it lies in a file. */
export interface StoredTensor extends TensorInfo {
  /** The elements in row-major order, little-endian, block after block. */
  data: Uint8Array;
}

const STORED_TENSOR = object('an object {dtype, shape, data}');
const DTYPE = oneOf(DTYPE_NAMES);

/** Throws unless a tensor's data are the bytes that its dtype and shape say. */
export function checkTensor(what: string, tensor: StoredTensor): void {
  check(what, tensor, STORED_TENSOR);
  const {dtype, shape, data} = tensor;
  check(`${what}: dtype`, dtype, DTYPE);
  check(`${what}: data`, data, bytes);
  const expected = byteLength(what, tensor);
  if (data.length !== expected) {
    throw new Error(`${what} has ${data.length} bytes, expected ${expected} for shape ${show(shape)} of ${dtype}`);
  }
}

/** Bytes that a tensor of this type and shape takes. */
export function byteLength(what: string, {dtype, shape}: TensorInfo): number {
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new Error(`${what}: shape is ${show(shape)}, expected an array of whole numbers ≥ 0`);
  }
  const {blockSize, blockBytes} = DTYPES[dtype];
  const row = shape.at(-1) ?? 1;
  if (row % blockSize !== 0) {
    throw new Error(`${what}: shape is ${show(shape)}, expected rows of a multiple of ${blockSize} for ${dtype}`);
  }
  const length = shape.reduce((product, size) => product * size, 1) * (blockBytes / blockSize);
  // All factors are whole, so a product below 2⁵³ is exact at every step, but for a zero at its end.
  if (length <= Number.MAX_SAFE_INTEGER) return length;
  throw new Error(`${what}: shape ${show(shape)} of ${dtype} is too large to count`);
}
