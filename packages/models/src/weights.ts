import type * as tf from '@tensorflow/tfjs-core';

/** A model's weights by checkpoint name. */
export type Weights = Pick<ReadonlyMap<string, tf.Tensor>, 'get'>;

/** The weight of this name, of the rank that its place implies. Throws where it is disposed. */
export function get<T extends tf.Tensor>(weights: Weights, name: string): T {
  const weight = weights.get(name);
  if (!weight) throw new Error(`the model has no weight ${name}`);
  // Some backends compute on with whatever lies there now.
  if (weight.isDisposed) throw new Error(`the weight ${name} is disposed, expected the model to live on`);
  return weight as T; // loadModel has checked every shape
}
