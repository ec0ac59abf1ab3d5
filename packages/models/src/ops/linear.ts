import * as tf from '@tensorflow/tfjs-core';
import {timesTransposed, transposedTimes} from './mat-mul.js';
import {frozenGradient, isFrozen, withGradient} from './with-gradient.js';

/**
 * x·Wᵀ, or x·W where the weight lies `in-out`.
 *
 * @param x [n, in]
 * @param weight [out, in]; [in, out] where it lies `in-out`
 * @returns [n, out]
 */
export function linear(x: tf.Tensor2D, weight: tf.Tensor2D, layout: 'out-in' | 'in-out' = 'out-in'): tf.Tensor2D {
  if (layout === 'in-out') {
    return withGradient(
      [x, weight],
      () => ({value: tf.matMul(x, weight), saved: [x, weight]}),
      (dy, saved) => {
        const [x, weight] = saved as tf.Tensor2D[];
        return [timesTransposed(dy, weight), isFrozen(weight) ? frozenGradient() : transposedTimes(x, dy)];
      },
    );
  }
  return withGradient(
    [x, weight],
    () => ({value: timesTransposed(x, weight), saved: [x, weight]}),
    (dy, saved) => {
      const [x, weight] = saved as tf.Tensor2D[];
      return [tf.matMul(dy, weight), isFrozen(weight) ? frozenGradient() : transposedTimes(dy, x)];
    },
  );
}
