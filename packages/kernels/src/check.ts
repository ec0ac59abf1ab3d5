import {anything, arrayOf, type Kind, type Kinds, number, oneOf, optional, show} from '@subset-tuning/checks';
import {Tensor} from '@tensorflow/tfjs-core';
import {type Distance, INFO_LENGTH, maskWords, type StepDistance, type SubsetState} from './contract.js';
import {DEFAULT_ETA, DISTANCES, SMALLEST_NORMAL} from './distance.js';
import {elementsPerWord} from './state-words.js';

/** How a subset is chosen, as the public ops take it. */
export interface SelectionOptions<D extends StepDistance = Distance> {
  /** The budget: an integer from 0 to the size of the silo. */
  k: number;
  /** Default `absolute`. */
  distance?: D;
  /** η of the relative distance: 0 or a normal float32. Default 1e-8. */
  eta?: number;
}

export const tensor: Kind = {expected: 'a tensor', is: (value) => value instanceof Tensor};
export const tensors = arrayOf(tensor, 'an array of tensors');
export const state: Kind = {
  expected: 'a state: the tensors mask, seeds and info',
  is: (value) => tensors.is(value) && Array.isArray(value) && value.length === 3,
};

export const SELECTION_OPTIONS: Kinds<SelectionOptions> = {
  k: anything, // see checkSelection, which knows the size of the silo
  distance: optional(oneOf(DISTANCES)),
  eta: optional(
    number(
      '0 or a number that is normal in float32',
      (eta) => eta === 0 || (eta >= SMALLEST_NORMAL && Number.isFinite(Math.fround(eta))),
    ),
  ),
};

/** Options with their defaults; the budget is checked against the size of what is chosen from. */
export function checkSelection<D extends StepDistance = Distance>(
  {k, distance, eta = DEFAULT_ETA}: SelectionOptions<D>,
  size: number,
): {k: number; distance: D | 'absolute'; eta: number} {
  if (!Number.isInteger(k) || k < 0 || k > size) {
    throw new Error(`k is ${show(k)}; expected an integer from 0 to ${size}, the number of elements to choose from`);
  }
  return {k, distance: distance ?? 'absolute', eta};
}

/** Throws unless each tensor is float32 and, where `like` is given, has the shape of its counterpart there. */
export function checkFloats(name: string, tensors: readonly Tensor[], like?: readonly Tensor[]): void {
  if (like && tensors.length !== like.length) {
    throw new Error(`${name} has ${tensors.length} tensors; expected ${like.length}, one a parameter tensor`);
  }
  tensors.forEach((tensor, i) => {
    checkAlive(`${name}[${i}]`, tensor);
    if (tensor.dtype !== 'float32') throw new Error(`${name}[${i}] is ${tensor.dtype}; expected float32`);
    if (like && !sameShape(tensor.shape, like[i].shape)) {
      throw new Error(`${name}[${i}] has shape [${tensor.shape}]; expected [${like[i].shape}]`);
    }
  });
}

/** Throws unless the state is one of a silo of these sizes. */
export function checkState(state: SubsetState<Tensor>, sizes: readonly number[]): void {
  const [mask, seeds, info] = state;
  checkVector('state mask', mask, 'int32', maskWords(sizes) * elementsPerWord());
  checkVector('state seeds', seeds, 'float32');
  checkVector('state info', info, 'int32', INFO_LENGTH * elementsPerWord());
}

function checkVector(name: string, tensor: Tensor, dtype: string, length?: number): void {
  checkAlive(name, tensor);
  const wanted = `${dtype} [${length ?? 'at least 1'}]`;
  const fits = tensor.rank === 1 && (length === undefined ? tensor.size >= 1 : tensor.size === length);
  if (tensor.dtype !== dtype || !fits) {
    throw new Error(`${name} is ${tensor.dtype} [${tensor.shape}]; expected ${wanted}`);
  }
}

function checkAlive(name: string, tensor: Tensor): void {
  if (tensor.isDisposed) throw new Error(`${name} is disposed`);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
