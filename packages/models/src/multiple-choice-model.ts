import {check, checkFields, checkOptions, type Kind, type Kinds, show} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import {LOSS_OPTIONS, type LossOptions} from './causal-model.js';
import {HeadModel} from './head-model.js';
import {softmaxLoss} from './ops/losses.js';
import type {TokenRow} from './token-rows.js';

/** What a {@link MultipleChoiceModel} learns from in one step. */
export interface ChoiceBatch {
  /** The choices of each question, [questions][choices], each with its question: as many of every one. */
  inputs: readonly (readonly TokenRow[])[];
  /** Which choice of each question is right. */
  labels: readonly number[];
}

const ROWS: Kind = {expected: 'an array', is: Array.isArray};
const BATCH: Kinds<ChoiceBatch> = {inputs: ROWS, labels: ROWS};
const QUESTIONS: Kind = {
  expected: 'an array of questions, each an array of choices',
  is: (value) => Array.isArray(value) && value.length > 0 && value.every(Array.isArray),
};

/**
 * A pretrained model that says which of some choices is right: transformers' `…ForMultipleChoice`.
 *
 * @example
 * ```ts no-run
 * import * as tf from '@tensorflow/tfjs';
 * import {loadMultipleChoice} from '@subset-tuning/models';
 *
 * const model = await loadMultipleChoice('path or URL of bert', {head: 'new'});
 * const choices = ['It barked.', 'It meowed.'].map((text) => model.tokenizer.encodePair('What did the cat do?', text));
 * tf.train.adam(5e-5).minimize(() => model.loss({inputs: [choices], labels: [1]}));
 * console.log(await model.predict('What did the cat do?', ['It barked.', 'It meowed.'])); // 1
 * ```
 */
export class MultipleChoiceModel extends HeadModel {
  /**
   * How well each choice fits.
   *
   * @param inputs The choices of each question, with their questions: `tokenizer.encodePair` gives them.
   * @returns [questions, choices], float32, differentiable
   *
   * @throws where questions have unequally many choices, or a choice is empty or too long, or has what is no token.
   */
  logits(inputs: readonly (readonly TokenRow[])[]): tf.Tensor2D {
    return this.#logits('logits: inputs', inputs);
  }

  /** The mean cross entropy of the right choices. Differentiable by every weight. Throws as {@link logits}. */
  loss(batch: ChoiceBatch, options: LossOptions = {}): tf.Scalar {
    checkOptions('loss', options, LOSS_OPTIONS);
    checkFields('loss: batch', batch, BATCH);
    const {inputs, labels} = batch;
    check('loss: inputs', inputs, QUESTIONS);
    if (labels.length !== inputs.length) {
      throw new Error(`loss: there are ${labels.length} labels, expected ${inputs.length}, one a question`);
    }
    for (const [i, label] of labels.entries()) {
      if (Number.isInteger(label) && label >= 0 && label < inputs[i].length) continue;
      throw new Error(
        `loss: the label of question ${i} is ${show(label)}, expected one of ${inputs[i].length} choices`,
      );
    }
    return tf.tidy(() => softmaxLoss(this.#logits('loss: inputs', inputs, options), labels));
  }

  /** The index of the choice that fits best. Question and choice are cut where they are too long together. */
  async predict(question: string, choices: readonly string[]): Promise<number> {
    const logits = this.logits([choices.map((choice) => this.encode([question, choice]))]);
    try {
      const values = await logits.data<'float32'>();
      return values.indexOf(Math.max(...values));
    } finally {
      logits.dispose();
    }
  }

  #logits(what: string, inputs: readonly (readonly TokenRow[])[], options?: LossOptions): tf.Tensor2D {
    check(what, inputs, QUESTIONS);
    const choices = inputs[0].length;
    const other = inputs.find((question) => question.length !== choices);
    if (other) throw new Error(`${what}: a question has ${other.length} choices, expected ${choices}, as the first`);
    const rows = this.rows(what, inputs.flat());
    return tf.tidy(() => tf.reshape(this.outputs(rows, options), [inputs.length, choices]));
  }
}
