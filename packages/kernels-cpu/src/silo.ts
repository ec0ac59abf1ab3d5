import type {SelectionAttrs} from '@subset-tuning/kernels';
import {bitsOf} from './bits.js';
import type {Metric} from './measure.js';
import {BLOCK} from './scratch.js';

/** A silo in the middle of a step. */
export interface Silo {
  attrs: SelectionAttrs;
  metric: Metric;
  /** Θ(t), one array a tensor. Never written. */
  current: readonly Float32Array[];
  /** What becomes Θ(t+1). A pass makes it Θ(0) but for what it chooses. */
  next: readonly Float32Array[];
  /** The same memory as bits. */
  nextBits: readonly Int32Array[];
  /** The subset before the step, a bit a parameter. Never written. */
  mask: Int32Array;
}

/**
 * When proposals are made: before the step updates the rule's slots, which stay as they are; when it does; or again
 * after that. They are the same each time.
 */
export type When = 'before' | 'now' | 'again';

/**
 * Writes the proposals of a piece of a tensor, at most a block, into the scratch, which has its seeds; where distances are
 * weighed, the weights too.
 *
 * @returns how many of the piece's gradients are not finite
 */
export type Propose = (tensor: number, start: number, length: number, when: When) => number;

export function openSilo(
  attrs: SelectionAttrs,
  metric: Metric,
  current: readonly Float32Array[],
  mask: Int32Array,
): Silo {
  const next = attrs.sizes.map((size) => new Float32Array(size));
  return {attrs, metric, current, next, nextBits: next.map(bitsOf), mask};
}

/** Calls `visit` for each block of each tensor in order. A block starts with a word of the mask. */
export function forEachBlock(
  sizes: readonly number[],
  visit: (tensor: number, start: number, length: number, firstWord: number) => void,
): void {
  let firstWord = 0;
  sizes.forEach((size, tensor) => {
    for (let start = 0; start < size; start += BLOCK) {
      const length = Math.min(BLOCK, size - start);
      visit(tensor, start, length, firstWord);
      firstWord += Math.ceil(length / 32);
    }
  });
}
