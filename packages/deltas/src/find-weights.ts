import type * as tf from '@tensorflow/tfjs-core';
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
    if (weight === undefined) throw new Error(`${name}: the model has no weight of this name`);
    if (weight.isDisposed) throw new Error(`${name}: the model's weight is disposed`);
    if (String(weight.shape) !== String(shape)) {
      throw new Error(`${name}: shape is [${shape}], expected the model's [${weight.shape}]`);
    }
    if (weight.dtype !== 'float32') throw new Error(`${name}: the model's weight is ${weight.dtype}, expected float32`);
    if (seen.has(weight)) throw new Error(`${name}: this weight is changed twice, expected each of them once`);
    seen.add(weight);
    return weight;
  });
}
