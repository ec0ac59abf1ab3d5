import type * as tf from '@tensorflow/tfjs-core';

/**
 * A float32 array as the 32-bit words that it is made of, sharing its memory. Values are copied as words everywhere:
 * a number that passes through JavaScript may lose a NaN's payload.
 */
export function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

/** A copy of a float32 tensor's words. */
export async function readBits(tensor: tf.Tensor): Promise<Uint32Array<ArrayBuffer>> {
  return bitsOf(await tensor.data<'float32'>()).slice();
}

/** A copy of any tensor's bytes; its buffer is its own and not shared, as Web Crypto wants it. */
export async function readBytes(tensor: tf.Tensor): Promise<Uint8Array<ArrayBuffer>> {
  const {buffer, byteOffset, byteLength} = await tensor.data();
  return new Uint8Array(buffer, byteOffset, byteLength).slice();
}

/** The words at the given positions. */
export function take(bits: Uint32Array, positions: Uint32Array | 'all'): Uint32Array {
  if (positions === 'all') return bits.slice();
  const taken = new Uint32Array(positions.length);
  positions.forEach((position, i) => {
    taken[i] = bits[position];
  });
  return taken;
}

/** Overwrites the words at the given positions. */
export function put(bits: Uint32Array, positions: Uint32Array | 'all', taken: Uint32Array): void {
  if (positions === 'all') bits.set(taken);
  else
    positions.forEach((position, i) => {
      bits[position] = taken[i];
    });
}

/** Whether two runs of words are the same. */
export function equal(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}
