import * as tf from '@tensorflow/tfjs';

/** The k elements of largest value as a bool mask, by `tf.topk` and a scatter: what users write without our kernels. */
export function composedMask(x: tf.Tensor1D, k: number): tf.Tensor1D {
  return tf.tidy(() => {
    const {indices} = tf.topk(x, k, false);
    const ones = tf.ones([k]);
    return tf.cast(tf.scatterND<tf.Rank.R1>(tf.reshape(indices, [k, 1]), ones, x.shape), 'bool');
  });
}

/** What is proposed where that lies farthest from the seed, the seed elsewhere. Needs a copy of the seed. */
export function composedProjection(proposal: tf.Tensor1D, seed: tf.Tensor1D, k: number): tf.Tensor1D {
  return tf.tidy(() => tf.where(composedMask(tf.abs(tf.sub(proposal, seed)), k), proposal, seed));
}
