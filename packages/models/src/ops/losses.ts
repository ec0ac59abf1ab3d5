import * as tf from '@tensorflow/tfjs-core';
import {ints} from '../ints.js';
import {withGradient} from './with-gradient.js';

/**
 * The mean of −log softmax(logits)[target].
 *
 * @param logits [n, classes]
 * @param targets One of `classes` a row.
 * @param weights How much each row counts. Default: all the same.
 */
export function softmaxLoss(logits: tf.Tensor2D, targets: readonly number[], weights?: readonly number[]): tf.Scalar {
  const wanted = tf.oneHot(ints(targets), logits.shape[1]);
  const each = weights && tf.tensor1d([...weights]);
  return tf.losses.softmaxCrossEntropy(wanted, logits, each, 0, tf.Reduction.MEAN) as tf.Scalar;
}

/**
 * The mean over all elements of −log σ(logit) where the label is 1 and −log(1 − σ(logit)) where it is 0.
 *
 * @param labels From 0 to 1, like logits.
 */
export function binaryLoss(logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Scalar {
  return withGradient(
    [logits],
    () => {
      // max(x, 0) − x · label + log(1 + e^−|x|): no e is too large
      const soft = tf.log(tf.add(tf.exp(tf.neg(tf.abs(logits))), 1));
      const value = tf.mean<tf.Scalar>(tf.add(tf.sub(tf.relu(logits), tf.mul(logits, labels)), soft));
      return {value, saved: [logits, labels]};
    },
    (dy, [logits, labels]) => [tf.mul(tf.sub(tf.sigmoid(logits), labels), tf.div(dy, logits.size))],
  );
}
