import {
  check,
  checkFields,
  checkOptions,
  type Kind,
  type Kinds,
  optional,
  show,
  text,
  wholeNumber,
} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import {LOSS_OPTIONS, type LossOptions} from './causal-model.js';
import {HeadModel} from './head-model.js';
import {paddingMask} from './ops/attention.js';
import {softmaxLoss} from './ops/losses.js';
import type {PaddedRows, TokenRow} from './token-rows.js';

/** What a {@link SpanExtractor} learns from in one step. */
export interface SpanBatch {
  inputs: readonly TokenRow[];
  /** The token that each row's answer begins with. */
  starts: readonly number[];
  /** The token that it ends with. */
  ends: readonly number[];
}

/** An answer that stands in a text. */
export interface Span {
  /** What stands there in the context. */
  text: string;
  /** Its first token, of question and text together. */
  start: number;
  /** Its last token. */
  end: number;
  /** How likely it is that it begins there, times how likely that it ends there. */
  score: number;
}

/** What `SpanExtractor.predict` can be told. */
export interface SpanOptions {
  /** An answer has at most so many tokens. Default 15, as in transformers' pipeline. */
  maxTokens?: number;
}

const ROWS: Kind = {expected: 'an array', is: Array.isArray};
const BATCH: Kinds<SpanBatch> = {inputs: ROWS, starts: ROWS, ends: ROWS};
const OPTIONS: Kinds<SpanOptions> = {maxTokens: optional(wholeNumber(1))};

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
   * The likeliest answer that stands in a text.
   *
   * @throws where question and text are too long together, or the text is empty.
   */
  async predict(question: string, context: string, options: SpanOptions = {}): Promise<Span> {
    check('predict: question', question, text);
    check('predict: context', context, text);
    checkOptions('predict', options, OPTIONS);
    const {maxTokens = 15} = options;
    const encoding = this.tokenizer.encodeWithOffsets([question, context]);
    const places = [...encoding.sequenceIds.keys()].filter((at) => encoding.sequenceIds[at] === 1);
    if (places.length === 0) throw new Error('predict: context has no token, expected a text');
    const made = tf.tidy(() => {
      const {start, end} = this.#logits(this.rows('predict', [encoding]));
      return tf.concat([tf.softmax(start), tf.softmax(end)]);
    });
    try {
      const values = await made.data<'float32'>();
      const ends = values.subarray(encoding.ids.length);
      let best = {start: places[0], end: places[0], score: -1};
      for (const start of places) {
        for (let end = start; end <= places[places.length - 1] && end < start + maxTokens; end++) {
          const score = values[start] * ends[end];
          if (score > best.score) best = {start, end, score};
        }
      }
      const [[begin], [, close]] = [encoding.offsets[best.start], encoding.offsets[best.end]];
      return {...best, text: context.slice(begin, close)};
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
