import {arrayOf, check, isObject, type Kind, object, text} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import {findVariable} from './find-variable.js';

/** What tfjs's optimizers save and are given as gradients; tfjs-core does not export its own type for it. */
export interface NamedTensor {
  name: string;
  tensor: tf.Tensor;
}

/** What `applyGradients` takes: in a list, null or undefined stands for a variable that has no gradient. */
export type Gradients = tf.NamedTensorMap | NamedTensor[];

export const tensor: Kind = {expected: 'a tensor', is: (value) => value instanceof tf.Tensor};
/** What `getWeights` gives. */
export const NAMED_TENSORS = arrayOf(
  object('{name, tensor}', (value) => text.is(value.name) && tensor.is(value.tensor)),
  'an array of {name, tensor}, as getWeights gives',
);
const GRADIENTS: Kind = {
  expected: 'an object {name: gradient} or an array of {name, tensor}',
  is: (value) =>
    isObject(value) || (Array.isArray(value) && value.every((entry) => isObject(entry) && text.is(entry.name))),
};

/**
 * Gradients by their variables' names, from a dictionary or a list.
 *
 * @throws where a gradient is no tensor or a disposed one, where there is no such variable, or its shape or dtype is
 * another.
 */
export function namedGradients(gradients: Gradients): Map<string, tf.Tensor> {
  check('applyGradients: gradients', gradients, GRADIENTS);
  const byName = new Map<string, tf.Tensor>();
  const entries = Array.isArray(gradients)
    ? gradients.map(({name, tensor}): [string, tf.Tensor | null | undefined] => [name, tensor])
    : Object.entries(gradients);
  for (const [name, tensor] of entries) {
    // Null: not trainable. Undefined: not used in the loss.
    if (tensor !== null && tensor !== undefined) byName.set(name, tensor);
  }
  for (const [name, gradient] of byName) checkSame(`the gradient of '${name}'`, gradient, findVariable(name));
  return byName;
}

function checkSame(what: string, gradient: tf.Tensor, expected: tf.Tensor): void {
  check(what, gradient, tensor);
  if (gradient.isDisposed) throw new Error(`${what} is disposed, expected a tensor that is not`);
  if (!sameShape(gradient.shape, expected.shape)) {
    throw new Error(`${what} has shape [${gradient.shape}], expected [${expected.shape}]`);
  }
  if (gradient.dtype !== expected.dtype)
    throw new Error(`${what} has dtype ${gradient.dtype}, expected ${expected.dtype}`);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
