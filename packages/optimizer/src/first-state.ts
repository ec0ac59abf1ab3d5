import {arrayOf, check, typedArray} from '@subset-tuning/checks';
import {packSubset, type SubsetState, stateFromArrays} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import type {SiloMembers} from './silos.js';
import type {SubsetOptions} from './subset-options.js';
import {sum} from './sum.js';

/**
 * What is in a silo's subset before its first step, tensor by tensor: nothing, or what was asked for; of one that is tuned
 * whole everything.
 *
 * @throws where that is not an ascending list of positions for each tensor, within it and within the budget.
 */
export function firstPositions(
  {name, variables, sizes, isWhole}: SiloMembers,
  budget: number,
  initialSubset: SubsetOptions['initialSubset'],
): Uint32Array[] {
  if (isWhole) return sizes.map(allPositions);
  if (initialSubset === undefined) return sizes.map(() => new Uint32Array(0));
  const tensors = variables.map(({name, size}) => ({name, size}));
  const chosen = initialSubset(tensors, budget);
  checkPositions(`initialSubset of silo '${name}'`, chosen, sizes, budget);
  return chosen;
}

/** Throws where these are not ascending positions for each tensor of a silo, within it and within the budget. */
export function checkPositions(
  what: string,
  chosen: readonly Uint32Array[],
  sizes: readonly number[],
  budget: number,
): void {
  check(what, chosen, arrayOf(typedArray('Uint32Array'), 'an array with a Uint32Array for each tensor'));
  if (chosen.length !== sizes.length) {
    throw new Error(`${what} is of ${chosen.length} tensors, expected ${sizes.length}`);
  }
  const count = sum(chosen.map(({length}) => length));
  if (count > budget) throw new Error(`${what} has ${count} entries, expected at most its budget of ${budget}`);
  packSubset(withoutSeeds(chosen), sizes); // throws where they do not ascend or lie outside
}

/** A silo's state with these positions in the subset: before its first step, or as if before it. */
export function firstState(allSeeds: readonly tf.Tensor[], chosen: readonly Uint32Array[]): SubsetState<tf.Tensor> {
  const arrays = packSubset(
    withoutSeeds(chosen),
    allSeeds.map(({size}) => size),
  );
  return tf.tidy(() => {
    const [mask, , info] = stateFromArrays(arrays);
    const seeds = allSeeds.flatMap((tensor, i) => {
      if (chosen[i].length === 0) return [];
      const flat: tf.Tensor1D = tf.reshape(tensor, [tensor.size]);
      return [tf.gather(flat, tf.tensor1d(Int32Array.from(chosen[i]), 'int32'))];
    });
    return [tf.keep(mask), tf.keep(seeds.length > 0 ? tf.concat1d(seeds) : tf.zeros([1])), tf.keep(info)];
  });
}

/** 0 to n − 1. */
export function allPositions(n: number): Uint32Array {
  return Uint32Array.from({length: n}, (_, i) => i);
}

function withoutSeeds(chosen: readonly Uint32Array[]) {
  return chosen.map((positions) => ({positions, seeds: new Float32Array(positions.length)}));
}
