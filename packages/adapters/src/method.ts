import type * as tf from '@tensorflow/tfjs-core';
import type {DecorateVerbs, LinearModule, Weights} from './adaptable-model.js';

/** A tensor of an adapter that is to be made. */
export interface NewWeight {
  /** Its value, which the caller frees. */
  make(): tf.Tensor;
  /** Whether it is learnt. Default true. */
  isTrained?: boolean;
}

/** What a method lays over linear layers. */
export interface Method {
  modules: readonly LinearModule[];
  /** Its tensors, called as PEFT calls them, without `base_model.model.`. What is not trained is not written. */
  tensors: ReadonlyMap<string, NewWeight>;
  /** See `ModelDecorator`. */
  begin(isTraining: boolean): DecorateVerbs;
  /** The weights of the model that it changes, with the change in them, by name. What they make, the caller frees. */
  merged(weights: Weights): [name: string, make: () => tf.Tensor][];
  /** What its adapter_config.json says besides what that of every adapter does. */
  peftConfig(): Record<string, unknown>;
}

/** A weight that must be there, of the rank that its place implies. */
export function need<T extends tf.Tensor>(weights: Weights, name: string): T {
  const weight = weights.get(name);
  if (!weight) throw new Error(`there is no weight ${name}, expected one`);
  return weight as T; // checked when it was made or read
}
