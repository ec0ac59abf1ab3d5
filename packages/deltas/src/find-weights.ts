import {cut, show} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import type {DeltaTensor} from './delta.js';

/**
 * The weights that the tensors of a delta speak of, in their order.
 *
 * @throws where one is unknown, has another shape or is not float32, and where two are the same.
 */
export function findWeights<T extends tf.Tensor>(
  weights: ReadonlyMap<string, T>,
  tensors: readonly Pick<DeltaTensor, 'name' | 'shape'>[],
): T[] {
  const seen = new Set<T>();
  return tensors.map(({name, shape}) => {
    const weight = weights.get(name);
    const what = cut(name);
    if (weight === undefined) throw new Error(`${what}: the model has no weight of this name`);
    if (!(weight instanceof tf.Tensor))
      throw new Error(`${what}: the model's weight is ${show(weight)}, expected a tensor`);
    if (weight.isDisposed) throw new Error(`${what}: the model's weight is disposed`);
    if (String(weight.shape) !== String(shape)) {
      throw new Error(`${what}: shape is ${show(shape)}, expected the model's [${weight.shape}]`);
    }
    if (weight.dtype !== 'float32') throw new Error(`${what}: the model's weight is ${weight.dtype}, expected float32`);
    if (seen.has(weight)) throw new Error(`${what}: this weight is changed twice, expected each of them once`);
    seen.add(weight);
    return weight;
  });
}
