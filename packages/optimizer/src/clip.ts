import {arrayOf, check, number} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import {tensor} from './named-gradients.js';

const GRADIENTS = arrayOf(tensor, 'an array of tensors');
/** What a norm of gradients may be bounded by. */
export const NORM = number('a number above 0', (value) => value > 0);

/**
 * The factor that brings gradients to a global norm of at most `limit`: min(1, limit / (‖g‖ + 1e-6)), as
 * `torch.nn.utils.clip_grad_norm_` has it. Elements that are not finite do not count. A scalar tensor: nothing is read
 * back.
 *
 * @param gradients the gradients of all parameters together.
 * @param limit the norm, above 0.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {clipScale} from '@subset-tuning/optimizer';
 * clipScale([tf.tensor1d([3, 4])], 1).print(); // 0.2
 * ```
 */
export function clipScale(gradients: readonly tf.Tensor[], limit: number): tf.Scalar {
  check('clipScale: gradients', gradients, GRADIENTS);
  check('clipScale: limit', limit, NORM);
  return tf.tidy(() => {
    const squares = gradients.map((gradient) => tf.sum(tf.square(finiteOrZero(gradient))));
    const norm = tf.sqrt(tf.addN(squares));
    return tf.reshape(tf.minimum(tf.div(limit, tf.add(norm, 1e-6)), 1), []);
  });
}

/** The tensor with zeros where it is not finite. */
export function finiteOrZero(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.where(tf.isFinite(x), x, tf.zerosLike(x)));
}
