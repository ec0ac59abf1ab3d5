import type * as tf from '@tensorflow/tfjs-core';
import {findVariable} from './find-variable.js';

/** What tfjs's optimizers save and are given as gradients; tfjs-core does not export its own type for it. */
export interface NamedTensor {
  name: string;
  tensor: tf.Tensor;
}

/**
 * Gradients by their variables' names, from a dictionary or a list.
 *
 * @throws where there is no such variable, or its shape or dtype is another.
 */
export function namedGradients(gradients: tf.NamedTensorMap | NamedTensor[]): Map<string, tf.Tensor> {
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

function checkSame(what: string, tensor: tf.Tensor, expected: tf.Tensor): void {
  if (!sameShape(tensor.shape, expected.shape)) {
    throw new Error(`${what} has shape [${tensor.shape}], expected [${expected.shape}]`);
  }
  if (tensor.dtype !== expected.dtype) throw new Error(`${what} has dtype ${tensor.dtype}, expected ${expected.dtype}`);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
