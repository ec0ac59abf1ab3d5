import type * as tf from '@tensorflow/tfjs-core';
import type {DecorateVerbs, LinearModule, Prefix, Prompt, Weights} from './adaptable-model.js';
import type {FileTensor} from './peft-files.js';

/** A tensor of an adapter that is to be made. */
export interface NewWeight {
  /** Its value, which the caller frees. */
  make(): tf.Tensor;
  /** Whether it is learnt. Default true. */
  isTrained?: boolean;
}

/** What a method lays over linear layers, or puts before a model's tokens. */
export interface Method {
  modules: readonly LinearModule[];
  /** Its tensors, called as `storedName` wants them. What is not trained is not written. */
  tensors: ReadonlyMap<string, NewWeight>;
  /** See `ModelDecorator`. */
  begin(isTraining: boolean): DecorateVerbs;
  /** See `ModelDecorator`. */
  prompt?: Prompt;
  /** See `ModelDecorator`. */
  prefix?: Prefix;
  /** The weights of the model that it changes, with the change in them, by name. What they make, the caller frees. */
  merged?(weights: Weights): [name: string, make: () => tf.Tensor][];
  /** Why there is no `merged`. */
  refusesMerge?: string;
  /** What PEFT calls a weight, where that is not its own name behind `base_model.model.`. */
  storedName?(name: string): string;
  /** What is its own of a file's tensor. Default: all of it. */
  ownPart?(name: string, tensor: FileTensor): FileTensor;
  /** What its adapter_config.json says besides what that of every adapter does. */
  peftConfig(): Record<string, unknown>;
}

/** A weight that must be there, of the rank that its place implies. */
export function need<T extends tf.Tensor>(weights: Weights, name: string): T {
  const weight = weights.get(name);
  if (!weight) throw new Error(`there is no weight ${name}, expected one`);
  return weight as T; // checked when it was made or read
}
