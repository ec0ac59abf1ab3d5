import {arrayOf, check, number} from '@subset-tuning/checks';
import {finiteNorm, NORM_UNIT} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {tensor} from './named-gradients.js';

const GRADIENTS = arrayOf(tensor, 'an array of tensors');
/** What a norm of gradients may be bounded by. */
export const NORM = number('a number above 0', (value) => value > 0);

/**
 * The factor that brings gradients to a global norm of at most `limit`: min(1, limit / (‖g‖ + 1e-6)), as
 * `torch.nn.utils.clip_grad_norm_` has it. Elements that are not finite do not count. Right to 1e-5 of itself however many
 * gradients there are, and also where the norm is beyond float32, unless the factor is below what float32 holds, about
 * 1e-38. A scalar tensor: nothing is read back.
 *
 * @param gradients the gradients of all parameters together, float32.
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
    const {first, scale} = clipFactors(gradients, limit);
    return first === undefined ? scale : tf.mul(first, scale);
  });
}

/** {@link clipScale} as two factors, which hold it also where the norm is beyond float32. */
export interface ClipFactors {
  /** 1, or a power of two where the norm is very large; none where that is known to be 1. To be applied before the other. */
  first?: tf.Scalar;
  scale: tf.Scalar;
  /** 1 where the gradients' squares add up to more than float32 holds, a norm of 2⁶⁴, else 0; int32. */
  overflows: tf.Scalar;
}

/** A norm from 2⁶⁰ on, in its unit, is large. */
const LARGE = 2 ** 60 / NORM_UNIT;
const FIRST = 2 ** -64;

/** The factors that bring gradients to a norm of at most `limit`. */
export function clipFactors(gradients: readonly tf.Tensor[], limit: number): ClipFactors {
  return tf.tidy(() => {
    const norm = finiteNorm(gradients);
    const isLarge = tf.greaterEqual(norm, LARGE);
    const byNorm = (large: number, usual: number): tf.Scalar => tf.where(isLarge, tf.scalar(large), tf.scalar(usual));
    const wanted = byNorm(limit / NORM_UNIT / FIRST, limit / NORM_UNIT);
    const scale: tf.Scalar = tf.minimum(tf.div(wanted, tf.add(norm, 1e-6 / NORM_UNIT)), byNorm(1 / FIRST, 1));
    const overflows: tf.Scalar = tf.cast(tf.greaterEqual(norm, 2 ** 64 / NORM_UNIT), 'int32');
    // Where values are at hand, a pass over all gradients can be spared that would multiply them by 1.
    const isSmall = ['cpu', 'wasm'].includes(tf.getBackend()) && isLarge.dataSync()[0] === 0;
    return {...(isSmall ? {} : {first: byNorm(FIRST, 1)}), scale, overflows};
  });
}

/** The tensor with zeros where it is not finite. */
export function finiteOrZero(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.where(tf.isFinite(x), x, tf.zerosLike(x)));
}
