import * as tf from '@tensorflow/tfjs';

/**
 * The k elements of largest value as a bool mask: what users write without our kernels. By `tf.topk` and a scatter; on
 * webgl, whose scatter looks at every index for every element, by comparing with the k-th value, ties and all.
 */
export function composedMask(x: tf.Tensor1D, k: number): tf.Tensor1D {
  return tf.tidy(() => {
    const {values, indices} = inSmallBatches(() => tf.topk(x, k, false));
    if (tf.getBackend() === 'webgl') return tf.greaterEqual(x, tf.min(values));
    const ones = tf.ones([k]);
    return tf.cast(tf.scatterND<tf.Rank.R1>(tf.reshape(indices, [k, 1]), ones, x.shape), 'bool');
  });
}

/** On webgpu a tf.topk is hundreds of passes, whose temporary memory is free again only when they have been sent off. */
function inSmallBatches<T>(run: () => T): T {
  if (tf.getBackend() !== 'webgpu') return run();
  const flag = 'WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE';
  const batch = tf.env().getNumber(flag);
  tf.env().set(flag, 8);
  try {
    return run();
  } finally {
    tf.env().set(flag, batch);
  }
}

/** What {@link composedMask} is made of. */
export function composedName(): string {
  return tf.getBackend() === 'webgl' ? 'tf.topk, greaterEqual' : 'tf.topk, scatter';
}

/** What is proposed where that lies farthest from the seed, the seed elsewhere. Needs a copy of the seed. */
export function composedProjection(proposal: tf.Tensor1D, seed: tf.Tensor1D, k: number): tf.Tensor1D {
  return tf.tidy(() => tf.where(composedMask(tf.abs(tf.sub(proposal, seed)), k), proposal, seed));
}
