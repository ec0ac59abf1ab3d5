import {concat, reshape, slice, sum, type Tensor, tidy, util} from '@tensorflow/tfjs-core';

/** At most so many terms are added one after the other: the error of that stays below 40 · 2⁻²⁴. */
const BLOCK = 40;
/** Fewer would take too many passes. */
const LEAST = 8;

/**
 * The sum along an axis, to about 1e-6 of the sum of the terms' magnitudes however many there are: in blocks, then the
 * blocks' sums in blocks, and so on. The wasm backend's own `tf.sum` adds float32 one after the other, which is some per
 * cent off for millions of terms.
 *
 * @param x float32, of any shape.
 * @param axis from 0 to below x's rank; its length in the result is 1.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {blockedSum} from '@subset-tuning/kernels';
 * blockedSum(tf.ones([3, 1000]), 1).print(); // [[1000], [1000], [1000]]
 * ```
 */
export function blockedSum(x: Tensor, axis: number): Tensor {
  if (!Number.isInteger(axis) || axis < 0 || axis >= x.rank) {
    throw new Error(`blockedSum: axis is ${axis}; expected an integer from 0 to below ${x.rank}, the rank of x`);
  }
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const rows = util.sizeFromShape(before);
  const width = util.sizeFromShape(after);
  // A last axis of length 1 would cost a transposition.
  const view = (of: Tensor, count: number, terms: number) =>
    reshape(of, width === 1 ? [count, terms] : [count, terms, width]);
  return tidy(() => {
    let length = x.shape[axis];
    let rest = x;
    while (length > BLOCK) {
      const block = blockOf(length);
      const blocks = Math.floor(length / block);
      const whole = view(rest, rows, length);
      const head = blocks * block === length ? whole : part(whole, 0, blocks * block);
      const sums = view(sum(view(head, rows * blocks, block), 1), rows, blocks);
      const left = length - blocks * block;
      rest = left === 0 ? sums : concat([sums, part(whole, blocks * block, left)], 1);
      length = blocks + left;
    }
    return reshape(sum(view(rest, rows, length), 1), [...before, 1, ...after]);
  });
}

/** The largest block that leaves no rest, which would have to be copied; or some block. */
function blockOf(length: number): number {
  for (let block = BLOCK; block >= LEAST; block--) if (length % block === 0) return block;
  return BLOCK;
}

function part(x: Tensor, start: number, count: number): Tensor {
  const [rows, , ...rest] = x.shape;
  return slice(x, [0, start, ...rest.map(() => 0)], [rows, count, ...rest]);
}
