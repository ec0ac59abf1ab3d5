import {kernelPath} from '@subset-tuning/kernels';
import {adamw, dynamicSubset} from '@subset-tuning/optimizer';

/** Lets one of ten weights of a small model change, in one step, and says which kernels did that. */
export async function takeStep(tf, backend) {
  await tf.setBackend(backend);
  const weights = tf.variable(
    tf.tensor2d([
      [1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10],
    ]),
  );
  const optimizer = dynamicSubset(adamw({learningRate: 0.1}), {parameters: 1});
  const factors = tf.tensor2d([
    [1, 0, 0, 0, 0],
    [0, 0, 0, 0, 0],
  ]);
  optimizer.minimize(() => tf.mean(tf.mul(weights, factors)));
  const [{positions}] = await optimizer.subset();
  return {backend: tf.getBackend(), path: kernelPath('SubsetStep'), positions: [...positions]};
}
