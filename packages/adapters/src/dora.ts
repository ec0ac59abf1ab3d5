import * as tf from '@tensorflow/tfjs-core';

/** A row of zeros is taken to be 2⁻⁵⁰ long, for it is divided by: its square is no subnormal, which a GPU would flush. */
const LEAST_SQUARE = 2 ** -100;

/**
 * The length of each row of W + L·R, [outputs]: by thin products, for ‖w + c‖² = ‖w‖² + 2·w·c + ‖c‖². What it makes on
 * the way is the caller's to free.
 *
 * @param weight W, [outputs, inputs]; [inputs, outputs] where it lies `in-out`
 * @param factors L, [outputs, n], and R, [n, inputs]
 */
export function rowLengths(
  weight: tf.Tensor2D,
  layout: 'out-in' | 'in-out',
  {left, right}: {left: tf.Tensor2D; right: tf.Tensor2D},
): tf.Tensor1D {
  const isTurned = layout === 'in-out';
  const own = tf.sum<tf.Tensor1D>(tf.square(weight), isTurned ? 0 : 1);
  const ofBoth = tf.matMul(weight, right, isTurned, true);
  const ofChange = tf.matMul(left, tf.matMul(right, right, false, true));
  const more = tf.sum<tf.Tensor1D>(tf.mul(left, tf.add(tf.mul(ofBoth, 2), ofChange)), 1);
  return tf.sqrt(tf.maximum(tf.add(own, more), LEAST_SQUARE));
}
