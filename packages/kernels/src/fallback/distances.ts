import * as tf from '@tensorflow/tfjs-core';
import type {AdamNumbers, Distance} from '../contract.js';
import {SMALLEST_NORMAL} from '../distance.js';

/** The largest finite float32. */
export const LARGEST = 3.4028234663852886e38;

/** Elementwise, true where x is neither infinite nor NaN. Not every backend has `tf.isFinite`. */
export function finite(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.lessEqual(tf.abs(x), LARGEST));
}

/** x where the condition holds, else zero. A scalar zero would be tiled, which the wasm backend does slowly. */
export function orZero(condition: tf.Tensor, x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.where(condition, x, tf.zerosLike(x)));
}

/** `distanceBetween` for rows. */
export function distancesBetween(
  a: tf.Tensor,
  b: tf.Tensor,
  distance: Distance,
  eta: number,
  importance?: tf.Tensor,
): tf.Tensor {
  return tf.tidy(() => {
    const seed = flush(b);
    const difference = tf.tidy(() => normal(tf.abs(tf.sub(flush(a), seed))));
    const result = {
      absolute: () => difference,
      relative: () => normal(tf.div(difference, tf.add(tf.abs(seed), eta))),
      weighted: () => normal(tf.mul(difference, tf.abs(seed))),
    }[distance]();
    const far = importance ? normal(tf.mul(result, tf.abs(flush(importance)))) : result;
    return orZero(finite(a), far);
  });
}

/** √v̂ of Adam's second moments after a step, the importance of the distance `fisher`. */
export function fisherImportance(v: tf.Tensor, {correction2}: AdamNumbers): tf.Tensor {
  return tf.tidy(() => tf.div(tf.sqrt(flush(v)), Math.sqrt(correction2)));
}

/** A subnormal becomes zero; NaN stays. */
function flush(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.where(tf.less(tf.abs(x), SMALLEST_NORMAL), tf.zerosLike(x), x));
}

/** x ≥ 0, with what is subnormal or NaN turned into zero. */
function normal(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => orZero(tf.greaterEqual(x, SMALLEST_NORMAL), x));
}
