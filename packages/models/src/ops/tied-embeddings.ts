import * as tf from '@tensorflow/tfjs-core';
import {byEmbeddings, byHidden, type OutputSlopes, outputLoss} from './cross-entropy.js';
import {pickRows, placeRows} from './gather-rows.js';
import {withGradient} from './with-gradient.js';

/** Above so many tokens their pairs would take more memory than is spared. */
const MOST_TOKENS = 2048;

/** Where a scatter that writes an index twice writes: on GPUs it may add up. */
const OVERWRITING = ['cpu', 'wasm', 'tensorflow'];

/** Embeddings that are the output layer too, in one pass. */
export interface TiedEmbeddings {
  /** As `gatherRows` of the embeddings. */
  rows(ids: tf.Tensor1D): tf.Tensor2D;
  /** As `crossEntropy` with the embeddings, of hidden states that come of {@link rows}. */
  loss(hidden: tf.Tensor2D, targets: tf.Tensor1D, weights: tf.Tensor1D): tf.Scalar;
}

/**
 * The two ops over the largest weight of a small model, with one gradient by it. tfjs would add up one from each, and
 * hold three matrices of the weight's size at the end of a backward pass, where most of the other gradients are there
 * already. Here the output layer's part is left for the embeddings' turn, which comes last, and only the rows that were
 * looked up are added to it.
 *
 * @param embeddings E, [vocabulary, width]
 */
export function tiedEmbeddings(embeddings: tf.Tensor2D): TiedEmbeddings {
  /** The output layer's part of the gradient by E, from when the backward pass has been there. */
  let ofOutput: (() => tf.Tensor2D) | undefined;
  return {
    rows: (ids) =>
      withGradient(
        [embeddings],
        () => ({value: pickRows(embeddings, ids), saved: [ids]}),
        (dy, saved) => {
          const [ids] = saved as [tf.Tensor1D];
          const output = ofOutput?.();
          ofOutput = undefined;
          return [output ? addRows(output, dy, ids) : placeRows(dy, ids, embeddings.shape[0])];
        },
      ),
    loss: (hidden, targets, weights) =>
      withGradient(
        [hidden],
        () => outputLoss(hidden, embeddings, targets, weights),
        (dy, saved) => {
          const byLogits = saved as OutputSlopes;
          ofOutput = () => byEmbeddings(dy, byLogits);
          return [byHidden(dy, byLogits)];
        },
        {keepsSaved: true},
      ),
  };
}

/** x with these rows added at these indices; where an index comes twice, both are added. */
function addRows(x: tf.Tensor2D, rows: tf.Tensor2D, indices: tf.Tensor1D): tf.Tensor2D {
  const overwrites = OVERWRITING.includes(tf.getBackend());
  if (!overwrites || indices.size > MOST_TOKENS) return tf.add(x, placeRows(rows, indices, x.shape[0]));
  const isSame = tf.equal(tf.expandDims(indices, 0), tf.expandDims(indices, 1));
  // Of tokens that are the same each has the sum of all, so it is written as often to no harm.
  const sums = tf.matMul(tf.cast(isSame, 'float32'), rows);
  const values = tf.add(pickRows(x, indices), sums);
  return tf.tensorScatterUpdate(x, tf.expandDims(indices, 1), values) as tf.Tensor2D;
}
