import * as tf from '@tensorflow/tfjs-core';

/** The factors of {@link rotate}. */
export interface RotaryTable<T = tf.Tensor1D> {
  /** cos of each element's angle, row after row. */
  cos: T;
  /** sin of each element's angle. */
  sin: T;
}

/** The angle, in radians, by which each pair of a head's elements turns from one position to the next: [headSize / 2]. */
export type Frequencies = readonly number[];

/**
 * The table of rotary position embeddings (Su et al. 2021, arXiv 2104.09864) in Hugging Face's layout: elements i and
 * i + headSize/2 of a head at position p are a pair that turns by the angle p · frequencies[i].
 *
 * @param positions One position a row.
 * @param heads Heads in a row.
 */
export function rotaryTable(
  positions: readonly number[],
  heads: number,
  frequencies: Frequencies,
): RotaryTable<Float32Array> {
  const half = frequencies.length;
  const width = heads * 2 * half;
  const cos = new Float32Array(positions.length * width);
  const sin = new Float32Array(cos.length);
  for (let at = 0; at < cos.length; at++) {
    const angle = positions[Math.floor(at / width)] * frequencies[at % half];
    cos[at] = Math.cos(angle);
    sin[at] = Math.sin(angle);
  }
  return {cos, sin};
}

/** The table that turns back: its rotation is the inverse, and so the gradient, of the table's own. */
export function inverseTable({cos, sin}: RotaryTable): RotaryTable {
  return {cos, sin: tf.neg(sin)};
}

/**
 * x·cos + rotateHalf(x)·sin, where rotateHalf makes each head [a, b] into [−b, a]. x is laid end to end and the table
 * repeats over it. Without a table: x as it is.
 *
 * rotateHalf is a product with a matrix of ones: exact, and on wasm cheaper than to take the halves apart.
 */
export function rotate<T extends tf.Tensor>(x: T, table: RotaryTable | undefined, headSize: number): T {
  if (!table) return x;
  const {cos, sin} = table;
  const turned = tf.matMul(tf.reshape(x, [-1, headSize]), rotateHalf(headSize));
  const times = (part: tf.Tensor, factor: tf.Tensor) => tf.mul(tf.reshape(part, [-1, factor.size]), factor);
  return tf.reshape(tf.add(times(x, cos), times(turned, sin)), x.shape) as T;
}

/** The matrix R for which [a, b]·R = [−b, a]. */
function rotateHalf(size: number): tf.Tensor2D {
  const half = size / 2;
  const matrix = new Float32Array(size * size);
  for (let i = 0; i < half; i++) {
    matrix[i * size + i + half] = 1;
    matrix[(i + half) * size + i] = -1;
  }
  return tf.tensor2d(matrix, [size, size]);
}
