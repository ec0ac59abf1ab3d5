import {check, checkOptions, type Kinds, optional} from '@subset-tuning/checks';
import type {Tensor} from '@tensorflow/tfjs-core';
import {checkFloats, checkSelection, SELECTION_OPTIONS, type SelectionOptions, tensor} from './check.js';
import {TopKMask} from './contract.js';
import {runContractKernel} from './run-kernel.js';

/** What {@link topKMask} measures. */
export interface TopKMaskOptions extends Omit<SelectionOptions, 'k'> {
  /** What x's distance is measured from, of x's shape. Default: zero, so that the magnitude |x| counts. */
  y?: Tensor;
  /** By whose size each distance from y is multiplied, of x's shape. */
  importance?: Tensor;
}

const {k: _, ...SELECTION} = SELECTION_OPTIONS;
const TOP_K_MASK_OPTIONS: Kinds<TopKMaskOptions> = {...SELECTION, y: optional(tensor), importance: optional(tensor)};

/**
 * The exact k largest of |x|, or of the distance of x from y, as a mask: without a sort, an index list or a readback
 * where the backend has the kernel.
 *
 * Of equal distances the lowest indices are chosen. A zero distance is never chosen, and an element of x that is not
 * finite counts as zero, so that the mask may hold fewer than k.
 *
 * @param x float32, any shape
 * @param k an integer from 0 to x.size
 * @returns a bool tensor of x's shape
 * @throws where a dtype, a shape, k, the distance or η is not as said
 * @example
 * ```ts
 * import {topKMask} from '@subset-tuning/kernels';
 * import * as tf from '@tensorflow/tfjs';
 *
 * topKMask(tf.tensor1d([3, -5, 0, 4]), 2).print(); // [false, true, false, true]
 * ```
 */
export function topKMask(x: Tensor, k: number, options: TopKMaskOptions = {}): Tensor {
  check('topKMask: x', x, tensor);
  checkOptions('topKMask', options, TOP_K_MASK_OPTIONS);
  const {y, importance} = options;
  checkFloats('x', [x]);
  if (y) checkFloats('y', [y], [x]);
  if (importance && !y) throw new Error('importance is given and y is not; expected y, or x multiplied by it');
  if (importance) checkFloats('importance', [importance], [x]);
  const attrs = checkSelection({...options, k}, x.size);
  const [mask] = runContractKernel(TopKMask, [x, ...(y ? [y] : []), ...(importance ? [importance] : [])], attrs);
  return mask;
}
