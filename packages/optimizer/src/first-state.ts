import {packSubset, type SubsetState, stateFromArrays} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import type {SiloMembers} from './silos.js';
import type {SubsetOptions} from './subset-options.js';

/** A silo's state before its first step: an empty subset, or the one that was asked for, with its seeds. */
export function firstState(
  {variables, sizes}: SiloMembers,
  budget: number,
  initialSubset: SubsetOptions['initialSubset'],
): SubsetState<tf.Tensor> {
  const tensors = variables.map(({name, size}) => ({name, size}));
  const chosen = initialSubset?.(tensors, budget) ?? sizes.map(() => new Uint32Array(0));
  const entries = chosen.map((positions) => ({positions, seeds: new Float32Array(positions.length)}));
  const arrays = packSubset(entries, sizes);
  return tf.tidy(() => {
    const [mask, , info] = stateFromArrays(arrays);
    const seeds = variables.flatMap((variable, i) => {
      if (chosen[i].length === 0) return [];
      const flat: tf.Tensor1D = tf.reshape(variable, [variable.size]);
      return [tf.gather(flat, tf.tensor1d(Int32Array.from(chosen[i]), 'int32'))];
    });
    return [tf.keep(mask), tf.keep(seeds.length > 0 ? tf.concat1d(seeds) : tf.zeros([1])), tf.keep(info)];
  });
}
