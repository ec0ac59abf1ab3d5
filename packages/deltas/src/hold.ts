import * as tf from '@tensorflow/tfjs-core';

/** Gives for a tensor the one that holds what it held when {@link hold} began. */
export type Held = (tensor: tf.Tensor) => tf.Tensor;

/**
 * Runs a function that reads tensors as they are now, whatever is assigned to them or disposed of before it ends. What
 * it reads shares their data; nothing is copied.
 */
export async function hold<Result>(
  tensors: Iterable<tf.Tensor>,
  run: (held: Held) => Promise<Result>,
): Promise<Result> {
  const held = new Map<tf.Tensor, tf.Tensor>();
  try {
    // Not a clone, which on wasm is a copy.
    for (const tensor of new Set(tensors)) held.set(tensor, tf.reshape(tensor, tensor.shape));
    return await run((tensor) => held.get(tensor) ?? tensor);
  } finally {
    tf.dispose([...held.values()]);
  }
}
