import * as tf from '@tensorflow/tfjs-core';
import {pickRows} from './gather-rows.js';
import {timesTransposed, transposedTimes} from './mat-mul.js';
import {withGradient} from './with-gradient.js';

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
    () => {
      const share = tf.reshape(tf.div(weights, tf.sum(weights)), [-1, 1]);
      const logits = timesTransposed(hidden, embeddings);
      const most = tf.max(logits, 1, true);
      const probabilities = tf.softmax(logits);
      logits.dispose();
      // log p(target) = logit − max − log Σ e^(logit − max), and the largest probability is 1 / that sum.
      const logit = tf.sum(tf.mul(hidden, pickRows(embeddings, targets)), 1, true);
      const surprise = tf.sub(tf.sub(most, logit), tf.log(tf.max(probabilities, 1, true)));
      const value = tf.sum<tf.Scalar>(tf.mul(surprise, share));

      // The gradient by the logits, but for the shares: the softmax less 1 at the target.
      const places = tf.stack([tf.range(0, targets.size, 1, 'int32'), targets], 1);
      const atTargets = tf.sub(tf.gatherND(probabilities, places), 1);
      const slopes = tf.tensorScatterUpdate(probabilities, places, atTargets);
      probabilities.dispose();
      return {value, saved: [hidden, embeddings, share, slopes]};
    },
    (dy, saved) => {
      const [hidden, embeddings, share, slopes] = saved as tf.Tensor2D[];
      const scale = tf.mul(dy, share);
      return [
        tf.mul(tf.matMul(slopes, embeddings), scale),
        transposedTimes(slopes, tf.mul<tf.Tensor2D>(hidden, scale)),
      ];
    },
  );
}
