import * as tf from '@tensorflow/tfjs-core';
import {ints} from '../ints.js';
import {timesTransposed} from './mat-mul.js';

/** So many rows of logits exist at a time: of a vocabulary of 50,000 they are 50 MB. */
const MOST_ROWS = 256;

/** A token that is asked about, and after which hidden state. */
export interface TokenAt {
  row: number;
  token: number;
}

/**
 * log softmax(h·Eᵀ) of some tokens, and for each whether it is the likeliest after its state: of equally likely ones, the
 * first.
 *
 * @param hidden h, [n, width]
 * @param embeddings E, [vocabulary, width]
 * @returns [2, tokens], float32: the logarithms, and 1 or 0.
 */
export function tokenLogProbabilities(
  hidden: tf.Tensor2D,
  embeddings: tf.Tensor2D,
  tokens: readonly TokenAt[],
): tf.Tensor2D {
  const [rows, width] = hidden.shape;
  const order = [...tokens.keys()].sort((a, b) => tokens[a].row - tokens[b].row);
  const parts: tf.Tensor2D[] = [];
  for (let start = 0, at = 0; start < rows; start += MOST_ROWS) {
    const end = Math.min(rows, start + MOST_ROWS);
    const here: TokenAt[] = [];
    while (at < order.length && tokens[order[at]].row < end) here.push(tokens[order[at++]]);
    if (here.length === 0) continue;
    const states = tf.slice(hidden, [start, 0], [end - start, width]);
    parts.push(tf.tidy(() => scores(timesTransposed(states, embeddings), here, start)));
  }
  // Back into the caller's order.
  const place = new Array<number>(tokens.length);
  for (const [at, token] of order.entries()) place[token] = at;
  return tf.gather(tf.concat(parts, 1), ints(place), 1);
}

function scores(logits: tf.Tensor2D, tokens: readonly TokenAt[], start: number): tf.Tensor2D {
  const rows = ints(tokens.map(({row}) => row - start));
  const wanted = ints(tokens.map(({token}) => token));
  const ofRows = (x: tf.Tensor) => tf.gatherND(x, tf.reshape(rows, [-1, 1]));
  const most = tf.max(logits, 1);
  const total = tf.log(tf.sum(tf.exp(tf.sub(logits, tf.reshape(most, [-1, 1]))), 1));
  const logit = tf.gatherND(logits, tf.stack([rows, wanted], 1));
  const isBest = tf.equal(ofRows(tf.argMax(logits, 1)), wanted);
  return tf.stack([tf.sub(tf.sub(logit, ofRows(most)), ofRows(total)), tf.cast(isBest, 'float32')]) as tf.Tensor2D;
}
