import * as tf from '@tensorflow/tfjs-core';
import {pickRows, placeRows} from './gather-rows.js';
import {withGradient} from './with-gradient.js';

/**
 * The weighted mean cross entropy of a language model's output layer, the layer's product included:
 * Σᵢ weightᵢ · −log softmax(hᵢ·Eᵀ)[targetᵢ] / Σᵢ weightᵢ.
 *
 * The gradient by the logits is the softmax less a one at the target. The ones are kept out of the wide matrix: what
 * they add to the gradients are rows of E and of h, picked and placed by index.
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
      const logits = tf.matMul(hidden, tf.transpose(embeddings));
      const probabilities = tf.softmax(logits);
      // log p(target) = logit − max − log Σ e^(logit − max), and the largest probability is 1 / that sum.
      const logit = tf.sum(tf.mul(hidden, pickRows(embeddings, targets)), 1, true);
      const surprise = tf.sub(tf.sub(tf.max(logits, 1, true), logit), tf.log(tf.max(probabilities, 1, true)));
      const value = tf.sum<tf.Scalar>(tf.mul(surprise, share));
      return {value, saved: [hidden, embeddings, targets, share, probabilities]};
    },
    (dy, [hidden, embeddings, targets, share, probabilities]) => {
      const scale = tf.mul(dy, share);
      const dLogits = tf.mul<tf.Tensor2D>(probabilities, scale);
      const scaled = tf.mul<tf.Tensor2D>(hidden, scale);
      const [vocabulary] = embeddings.shape;
      const ids = targets as tf.Tensor1D;
      return [
        tf.sub(tf.matMul(dLogits, embeddings), tf.mul(pickRows(embeddings, ids), scale)),
        tf.sub(tf.matMul(tf.transpose(dLogits), hidden), placeRows(scaled, ids, vocabulary)),
      ];
    },
  );
}
