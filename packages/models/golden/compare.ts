import * as tf from '@tensorflow/tfjs-core';

/** The largest absolute value. */
export const largest = (values: Iterable<number>) => Math.max(...Array.from(values, Math.abs));

/** How far values are from the expected ones, as a share of the largest of those. */
export function errorOf(values: Float32Array, expected: Float32Array): number {
  if (values.length !== expected.length) throw new Error(`${values.length} values, expected ${expected.length}`);
  return largest(values.map((value, i) => value - expected[i])) / largest(expected);
}

export async function readAndDispose(x: tf.Tensor): Promise<Float32Array> {
  const values = await x.data<'float32'>();
  x.dispose();
  return values;
}

/** A loss and its gradient by every weight, by the variables' names. */
export async function gradientsOf(loss: () => tf.Scalar) {
  const {value, grads} = tf.variableGrads(loss);
  const gradients = new Map<string, Float32Array>();
  for (const [name, gradient] of Object.entries(grads)) gradients.set(name, await readAndDispose(gradient));
  return {loss: (await readAndDispose(value))[0], gradients};
}
