import {maskWords, type SelectionAttrs} from '@subset-tuning/kernels';
import type {Eager} from './eager.js';
import type {Handle} from './node-backend.js';
import {placesOf} from './subset-mask.js';

/** A place in a silo counts from the start of the mask's bits: each tensor begins at a multiple of 32. */
export interface Silo {
  sizes: readonly number[];
  /** Where each tensor begins, and last where the mask ends. */
  starts: readonly number[];
  /** Θ, one row a tensor. Only read. */
  theta: readonly Handle[];
  mask: Handle;
  seeds: Handle;
  /** The places of the subset before, ascending, within their tensor, and the seeds there. */
  before: readonly Sparse[];
  /** How many there are. */
  sizeBefore: number;
}

/** Some elements of a row: places, int64 and ascending, and a value for each. */
export interface Sparse {
  places: Handle;
  values: Handle;
}

export function openSilo(
  eager: Eager,
  {sizes}: SelectionAttrs,
  theta: readonly Handle[],
  mask: Handle,
  seeds: Handle,
): Silo {
  const starts = [0];
  for (const size of sizes) starts.push(starts[starts.length - 1] + 32 * maskWords([size]));
  const places = placesOf(eager, mask);
  const [sizeBefore] = places.shape;
  const before = splitPlaces(eager, places, starts).map(({places: own, first}) => ({
    places: own,
    values: eager.slice(seeds, first, own.shape[0]),
  }));
  return {sizes, starts, theta, mask, seeds, before, sizeBefore};
}

/** Ascending places of a silo by tensor, within it; `first` is the rank of a tensor's first one. */
export function splitPlaces(
  eager: Eager,
  places: Handle,
  starts: readonly number[],
): {places: Handle; first: number; length: number}[] {
  const tensors = starts.length - 1;
  let bounds: ArrayLike<number> = [0, places.shape[0]];
  if (tensors > 1) {
    const row = eager.reshape(places, [1, places.shape[0]]);
    const values = eager.reshape(eager.cast(eager.ints(starts), eager.int64), [1, starts.length]);
    bounds = eager.read(eager.run('LowerBound', [row, values], [eager.type('out_type', eager.int32)]));
  }
  return Array.from({length: tensors}, (_, tensor) => {
    const first = bounds[tensor];
    const length = bounds[tensor + 1] - first;
    const own = eager.slice(places, first, length);
    return {places: starts[tensor] === 0 ? own : eager.binary('Sub', own, starts[tensor]), first, length};
  });
}

/** Θ(0) of a tensor, as a variable: where it is in the subset its seed, else the parameter itself. */
export function seedVariable(eager: Eager, {theta, before}: Silo, tensor: number): Handle {
  const variable = eager.variable(theta[tensor]);
  const {places, values} = before[tensor];
  if (places.shape[0] > 0) eager.scatter(variable, places, values);
  return variable;
}
