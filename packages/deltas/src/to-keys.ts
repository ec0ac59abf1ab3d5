import {cut, show} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import type {TensorChange} from './delta.js';

/**
 * Changes under the keys of the model's weights. An optimizer calls a weight as its variable is called, and a model
 * with a scope has other keys than variables' names.
 *
 * @throws where a name is the key of one weight and the variable's name of another.
 */
export function toKeys(changes: readonly TensorChange[], weights: ReadonlyMap<string, tf.Tensor>): TensorChange[] {
  const keys = new Map<string, string>();
  for (const [key, weight] of weights) {
    if (weight instanceof tf.Variable && !keys.has(weight.name)) keys.set(weight.name, key);
  }
  return changes.map((change) => {
    const {name} = change;
    const key = keys.get(name);
    if (key === undefined || weights.get(name) === weights.get(key)) return change;
    if (!weights.has(name)) return {...change, name: key};
    throw new Error(
      `${cut(name)}: this is a weight's key, and the name of another weight's variable, whose key is ${show(key)}; expected it to mean one weight`,
    );
  });
}
