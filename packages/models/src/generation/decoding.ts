import type * as tf from '@tensorflow/tfjs-core';

/**
 * Rows of tokens that a model reads on, one token at a time: all that generation knows of a model. A decoder-only model
 * begins with the prompts, an encoder–decoder model with its first token and with what its encoder made of them.
 */
export interface Decoding {
  /** How many tokens the model can give each row at most. */
  readonly rooms: readonly number[];
  /** Reads what the rows begin with; called once. @returns the logits of each row's next token, [rows, vocabulary] */
  start(): tf.Tensor2D;
  /**
   * Reads one more token a row.
   *
   * @param from Which row of the last call each row goes on from: rows may be left out, put in another order, or come
   * more than once.
   * @param tokens The token that each reads, as many.
   * @returns as `start`; the caller disposes of it.
   */
  next(from: readonly number[], tokens: readonly number[]): tf.Tensor2D;
  /** Frees what the rows' past is kept in. May be called at any time, and twice. */
  dispose(): void;
}
