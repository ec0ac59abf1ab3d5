import * as tf from '@tensorflow/tfjs-core';

/**
 * Reads tensors as they are when this is called, whatever becomes of them meanwhile: by clones, since kernels write slots
 * and states in place only where nobody else holds them.
 */
export async function whileHeld<T>(tensors: readonly tf.Tensor[], read: (held: tf.Tensor[]) => Promise<T>): Promise<T> {
  const held = tensors.map((tensor) => tf.keep(tf.clone(tensor)));
  try {
    return await read(held);
  } finally {
    tf.dispose(held);
  }
}
