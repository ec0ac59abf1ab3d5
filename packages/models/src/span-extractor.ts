import {
  check,
  checkFields,
  checkOptions,
  type Kind,
  type Kinds,
  number,
  optional,
  show,
  text,
  wholeNumber,
} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import {bestSpans, type ScoredWindow, type Span} from './best-spans.js';
import {byLength} from './by-length.js';
import {LOSS_OPTIONS, type LossOptions} from './causal-model.js';
import {HeadModel} from './head-model.js';
import {paddingMask} from './ops/attention.js';
import {softmaxLoss} from './ops/losses.js';
import type {PaddedRows, TokenRow} from './token-rows.js';
import type {TracedEncoding} from './tokenizer/encoding.js';

/** What a {@link SpanExtractor} learns from in one step. */
export interface SpanBatch {
  inputs: readonly TokenRow[];
  /** The token that each row's answer begins with. */
  starts: readonly number[];
  /** The token that it ends with. */
  ends: readonly number[];
}

/** The answer to a question. */
export interface SpanAnswer extends Span {
  /** The best spans of all, the best first, as many as `count` says. */
  spans: Span[];
  /**
   * By how much the score of there being no answer is above the best span's: where it is above 0, the model holds it
   * likelier that the text does not say. A model that was trained on questions with answers alone does not know.
   */
  noAnswer: number;
}

/** What `SpanExtractor.predict` can be told. The defaults are those of transformers' `run_qa.py`. */
export interface SpanOptions {
  /** An answer has at most so many tokens. Default 30. */
  maxTokens?: number;
  /** How many of the best spans are told. Default 20. */
  count?: number;
  /**
   * Where `noAnswer` is above this, the answer is an empty text from 0 to 0, as SQuAD 2.0 wants it. Default: there is
   * always an answer.
   */
  noAnswerAbove?: number;
  /** At most so many tokens are read at once, the question among them; a longer text is read in windows. Default 384, or as many as the model can. */
  windowTokens?: number;
  /** How many tokens of the text a window has in common with the next one. Default 128, or half a window. */
  stride?: number;
  /** How many windows are read at a time. Default 8. */
  batchSize?: number;
}

const ROWS: Kind = {expected: 'an array', is: Array.isArray};
const BATCH: Kinds<SpanBatch> = {inputs: ROWS, starts: ROWS, ends: ROWS};
const OPTIONS: Kinds<SpanOptions> = {
  ...{
    maxTokens: optional(wholeNumber(1)),
    count: optional(wholeNumber(1)),
    noAnswerAbove: optional(number('a number')),
  },
  ...{windowTokens: optional(wholeNumber(1)), stride: optional(wholeNumber(0)), batchSize: optional(wholeNumber(1))},
};

/**
 * A pretrained model that finds the answer to a question in a text: transformers' `…ForQuestionAnswering`.
 *
 * @example
 * ```ts no-run
 * import '@tensorflow/tfjs';
 * import {loadSpanExtractor} from '@subset-tuning/models';
 *
 * const model = await loadSpanExtractor('path or URL of distilbert-base-uncased-distilled-squad');
 * const {text} = await model.predict('Where does she live?', 'Anna lives in a small house near Oslo.');
 * ```
 */
export class SpanExtractor extends HeadModel {
  /**
   * How well an answer begins, and ends, at each token.
   *
   * @param inputs Question and text: `tokenizer.encodePair` gives them.
   * @returns Both [rows, longest row], float32, differentiable. At padding they are no more than −10⁸.
   *
   * @throws where a row is empty or too long, or has what is no token.
   */
  logits(inputs: readonly TokenRow[]): {start: tf.Tensor2D; end: tf.Tensor2D} {
    return this.#logits(this.rows('logits: inputs', inputs));
  }

  /**
   * The mean cross entropy of where answers begin and where they end. Differentiable by every weight. Padding has no
   * share in it, so a row's loss is the same alone and among longer ones; transformers leaves that to the batch.
   *
   * @throws as {@link logits}, and where an answer is not within its row.
   */
  loss(batch: SpanBatch, options: LossOptions = {}): tf.Scalar {
    checkOptions('loss', options, LOSS_OPTIONS);
    checkFields('loss: batch', batch, BATCH);
    const rows = this.rows('loss: inputs', batch.inputs);
    const {starts, ends} = batch;
    for (const [name, places] of Object.entries({starts, ends})) {
      if (places.length !== rows.rows)
        throw new Error(`loss: there are ${places.length} ${name}, expected ${rows.rows}`);
      for (const [i, at] of places.entries()) {
        if (Number.isInteger(at) && at >= 0 && at < rows.lengths[i]) continue;
        throw new Error(`loss: ${name} of row ${i} is ${show(at)}, expected one of its ${rows.lengths[i]} tokens`);
      }
    }
    return tf.tidy(() => {
      const {start, end} = this.#logits(rows, options);
      return tf.mul<tf.Scalar>(tf.add(softmaxLoss(start, starts), softmaxLoss(end, ends)), 0.5);
    });
  }

  /**
   * The best answer that stands in a text. A text that is longer than the model can read is read in windows that overlap,
   * and the best of all is taken, as in transformers' `run_qa.py`.
   *
   * @throws where the text is empty, or the question leaves no room for more of it than windows have in common.
   */
  async predict(question: string, context: string, options: SpanOptions = {}): Promise<SpanAnswer> {
    check('predict: question', question, text);
    check('predict: context', context, text);
    const most = this.maxRowTokens;
    checkOptions('predict', options, {...OPTIONS, windowTokens: optional(wholeNumber(1, most))});
    const {maxTokens = 30, count = 20, noAnswerAbove = Infinity} = options;
    const {windowTokens = Math.min(most, 384), batchSize = 8} = options;
    const {stride = Math.min(Math.floor(windowTokens / 2), 128)} = options;
    const windows = this.tokenizer.encodeWindows(question, context, {maxTokens: windowTokens, stride});
    const items = windows.map((encoding) => ({encoding, length: encoding.ids.length}));
    const scored = await byLength(items, batchSize, (batch) => this.#score(batch.map(({encoding}) => encoding)));
    const {spans, none} = bestSpans(scored, context, maxTokens, count);
    if (spans.length === 0) throw new Error('predict: context has no token, expected a text');
    const noAnswer = none - spans[0].score;
    const chosen = noAnswer > noAnswerAbove ? {text: '', start: 0, end: 0, score: none} : spans[0];
    return {...chosen, spans, noAnswer};
  }

  async #score(windows: readonly TracedEncoding[]): Promise<ScoredWindow[]> {
    const rows = this.rows('predict', windows);
    const made = tf.tidy(() => {
      const {start, end} = this.#logits(rows);
      return tf.concat([start, end]);
    });
    try {
      const values = await made.data<'float32'>();
      const row = (i: number) => values.subarray(i * rows.length, (i + 1) * rows.length);
      return windows.map((encoding, i) => ({encoding, starts: row(i), ends: row(windows.length + i)}));
    } finally {
      made.dispose();
    }
  }

  #logits(rows: PaddedRows, options?: LossOptions): {start: tf.Tensor2D; end: tf.Tensor2D} {
    return tf.tidy(() => {
      const mask = tf.tensor2d(paddingMask(rows.length, rows.lengths).values, [rows.rows, rows.length]);
      const [start, end] = tf
        .split(this.outputs(rows, options), 2, 1)
        .map((part) => tf.add<tf.Tensor2D>(tf.reshape(part, [rows.rows, rows.length]), mask));
      return {start, end};
    });
  }
}
