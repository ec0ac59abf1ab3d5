import * as tf from '@tensorflow/tfjs-core';
import {pickToken, type Sampling, warpLogits} from './sampling.js';

/**
 * Chooses each row's next token.
 *
 * @param logits [rows, vocabulary]; disposed of here.
 * @param rows Which answer each row is of.
 */
export type ChooseTokens = (logits: tf.Tensor2D, rows: readonly number[]) => Promise<ArrayLike<number>>;

/** Takes the likeliest token, of equally likely ones the first. */
export const chooseLikeliest: ChooseTokens = async (logits) => {
  let best: tf.Tensor1D;
  try {
    best = tf.argMax<tf.Tensor1D>(logits, 1);
  } finally {
    logits.dispose();
  }
  return readAndDispose<'int32'>(best);
};

/**
 * Draws a token as likely as it is.
 *
 * @param randoms One for each answer, so that it does not depend on the others.
 */
export function chooseAtRandom(sampling: Sampling, randoms: readonly (() => number)[]): ChooseTokens {
  return async (logits, rows) => {
    const size = logits.shape[1];
    const values = await readAndDispose<'float32'>(logits);
    return rows.map((row, i) =>
      pickToken(warpLogits(values.subarray(i * size, (i + 1) * size), sampling), randoms[row]()),
    );
  };
}

/** What a tensor holds, which is disposed of. */
export async function readAndDispose<T extends 'float32' | 'int32'>(x: tf.Tensor): Promise<tf.DataTypeMap[T]> {
  try {
    return await x.data<T>();
  } finally {
    x.dispose();
  }
}
