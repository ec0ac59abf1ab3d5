import * as tf from '@tensorflow/tfjs-core';
import {pickRows} from './gather-rows.js';
import {timesTransposed, transposedTimes} from './mat-mul.js';
import {frozenGradient, isFrozen, withGradient} from './with-gradient.js';

/**
 * The weighted mean cross entropy of a language model's output layer, the layer's product included:
 * Σᵢ weightᵢ · −log softmax(hᵢ·Eᵀ)[targetᵢ] / Σᵢ weightᵢ.
 *
 * The matrices [n, vocabulary] are the widest of a step: at most two exist at a time, and one is kept for the gradient.
 *
 * @param hidden h, [n, width]
 * @param embeddings E, [vocabulary, width]
 * @param targets [n] int32
 * @param weights [n], their sum is not 0
 */
export function crossEntropy(
  hidden: tf.Tensor2D,
  embeddings: tf.Tensor2D,
  targets: tf.Tensor1D,
  weights: tf.Tensor1D,
): tf.Scalar {
  return withGradient(
    [hidden, embeddings],
    () => outputLoss(hidden, embeddings, targets, weights),
    (dy, saved) => {
      const byLogits = saved as OutputSlopes;
      return [byHidden(dy, byLogits), isFrozen(embeddings) ? frozenGradient() : byEmbeddings(dy, byLogits)];
    },
  );
}

/** What a gradient of {@link outputLoss} needs: h, E, each token's share of the loss, and the softmax less 1 at the target. */
export type OutputSlopes = [hidden: tf.Tensor2D, embeddings: tf.Tensor2D, share: tf.Tensor2D, slopes: tf.Tensor2D];

/** {@link crossEntropy} without its gradient. */
export function outputLoss(
  hidden: tf.Tensor2D,
  embeddings: tf.Tensor2D,
  targets: tf.Tensor1D,
  weights: tf.Tensor1D,
): {value: tf.Scalar; saved: OutputSlopes} {
  const share: tf.Tensor2D = tf.reshape(tf.div(weights, tf.sum(weights)), [-1, 1]);
  const logits = timesTransposed(hidden, embeddings);
  const most = tf.max(logits, 1, true);
  const probabilities = tf.softmax(logits);
  logits.dispose();
  // log p(target) = logit − max − log Σ e^(logit − max), and the largest probability is 1 / that sum.
  const logit = tf.sum(tf.mul(hidden, pickRows(embeddings, targets)), 1, true);
  const surprise = tf.sub(tf.sub(most, logit), tf.log(tf.max(probabilities, 1, true)));
  const value = tf.sum<tf.Scalar>(tf.mul(surprise, share));

  const places = tf.stack([tf.range(0, targets.size, 1, 'int32'), targets], 1);
  const atTargets = tf.sub(tf.gatherND(probabilities, places), 1);
  const slopes: tf.Tensor2D = tf.tensorScatterUpdate(probabilities, places, atTargets);
  probabilities.dispose();
  return {value, saved: [hidden, embeddings, share, slopes]};
}

/** The gradient by h. */
export function byHidden(dy: tf.Scalar, [, embeddings, share, slopes]: OutputSlopes): tf.Tensor2D {
  return tf.mul(tf.matMul(slopes, embeddings), tf.mul(dy, share));
}

/** The gradient by E. */
export function byEmbeddings(dy: tf.Scalar, [hidden, , share, slopes]: OutputSlopes): tf.Tensor2D {
  return transposedTimes(slopes, tf.mul(hidden, tf.mul(dy, share)));
}
