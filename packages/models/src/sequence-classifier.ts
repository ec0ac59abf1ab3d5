import {arrayOf, check, checkFields, checkOptions, type Kind, type Kinds, show} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import {byLength} from './by-length.js';
import {LOSS_OPTIONS, type LossOptions} from './causal-model.js';
import {BATCH_OPTIONS, type EmbedOptions} from './encoder-model.js';
import {HeadModel, type HeadParts, type TextOrPair} from './head-model.js';
import {binaryLoss, softmaxLoss} from './ops/losses.js';
import type {TokenRow} from './token-rows.js';

/** What is asked of a text, as `problem_type` says it: one of the labels, any number of them, or a number for each. */
export type Problem = 'single_label_classification' | 'multi_label_classification' | 'regression';

export const PROBLEMS: readonly Problem[] = ['single_label_classification', 'multi_label_classification', 'regression'];

/** What a {@link SequenceClassifier} learns from in one step. */
export interface ClassifierBatch {
  inputs: readonly TokenRow[];
  /**
   * One a row. Of one label: its index. Of several: a number from 0 to 1 for each. In a regression: a number for each
   * label, or the number itself where there is one label.
   */
  labels: readonly (number | readonly number[])[];
}

/** What a {@link SequenceClassifier} says of a text. */
export interface Prediction {
  /** The likeliest label; of several, those that are likelier than not; none in a regression. */
  labels: string[];
  /** One a label: how likely it is, or the number in a regression. */
  scores: Float32Array;
}

const ROWS: Kind = {expected: 'an array', is: Array.isArray};
const BATCH: Kinds<ClassifierBatch> = {inputs: ROWS, labels: ROWS};
const PAIR = arrayOf({expected: '', is: (value) => typeof value === 'string'}, '');
const TEXTS = arrayOf(
  {expected: '', is: (text) => typeof text === 'string' || (PAIR.is(text) && (text as string[]).length === 2)},
  'an array of strings and pairs of strings',
);

/**
 * A pretrained model that says of a text, or of a pair of texts, which label it has: transformers'
 * `…ForSequenceClassification`.
 *
 * @example
 * ```ts no-run
 * import * as tf from '@tensorflow/tfjs';
 * import {loadClassifier} from '@subset-tuning/models';
 *
 * const model = await loadClassifier('path or URL of distilbert', {head: 'new', labels: ['bad', 'good']});
 * const inputs = ['What a joy!', 'Never again.'].map((text) => model.tokenizer.encode(text));
 * const optimizer = tf.train.adam(5e-5);
 * for (let step = 0; step < 10; step++) optimizer.minimize(() => model.loss({inputs, labels: [1, 0]}));
 * console.log(await model.predict(['I loved it.'])); // [{labels: ['good'], scores: …}]
 * ```
 */
export class SequenceClassifier extends HeadModel {
  /** What a text may be, in the order of the outputs. */
  readonly labels: readonly string[];
  readonly problem: Problem;

  constructor({labels, problem, ...parts}: HeadParts & {labels: readonly string[]; problem: Problem}) {
    super(parts);
    this.labels = labels;
    this.problem = problem;
  }

  /**
   * How well each label fits.
   *
   * @param inputs Rows of tokens, each as long as it is: `tokenizer.encode` and `tokenizer.encodePair` give them.
   * @returns [rows, labels], float32, differentiable
   *
   * @throws where a row is empty or too long, or has what is no token.
   */
  logits(inputs: readonly TokenRow[]): tf.Tensor2D {
    const rows = this.rows('logits: inputs', inputs);
    return tf.tidy(() => this.outputs(rows));
  }

  /**
   * The mean loss of a batch, as transformers has it: cross entropy of one label, binary cross entropy of several, the
   * mean squared error in a regression. Differentiable by every weight.
   *
   * @throws as {@link logits}, and where labels are not what `problem` wants.
   */
  loss(batch: ClassifierBatch, options: LossOptions = {}): tf.Scalar {
    checkOptions('loss', options, LOSS_OPTIONS);
    checkFields('loss: batch', batch, BATCH);
    const rows = this.rows('loss: inputs', batch.inputs);
    const labels = this.#readLabels(batch);
    return tf.tidy(() => {
      const logits = this.outputs(rows, options);
      if (this.problem === 'single_label_classification') return softmaxLoss(logits, labels.flat());
      const wanted = tf.tensor2d(labels);
      if (this.problem === 'multi_label_classification') return binaryLoss(logits, wanted);
      return tf.losses.meanSquaredError(wanted, logits) as tf.Scalar;
    });
  }

  /** What texts are. One that is too long for the model is cut. */
  async predict(texts: readonly TextOrPair[], options: EmbedOptions = {}): Promise<Prediction[]> {
    check('predict: texts', texts, TEXTS);
    checkOptions('predict', options, BATCH_OPTIONS);
    const rows = texts.map((text) => this.encode(text));
    const items = rows.map((row) => ({row, length: 'ids' in row ? row.ids.length : row.length}));
    return byLength(items, options.batchSize ?? 32, async (batch) => {
      const made = tf.tidy(() => {
        const logits = this.logits(batch.map(({row}) => row));
        if (this.problem === 'regression') return logits;
        return this.problem === 'multi_label_classification' ? tf.sigmoid(logits) : tf.softmax(logits);
      });
      try {
        const values = await made.data<'float32'>();
        const size = this.labels.length;
        return batch.map((_, i) => this.#predictionOf(values.slice(i * size, (i + 1) * size)));
      } finally {
        made.dispose();
      }
    });
  }

  #predictionOf(scores: Float32Array): Prediction {
    const best = scores.indexOf(Math.max(...scores));
    const isChosen = (at: number) => (this.problem === 'multi_label_classification' ? scores[at] > 0.5 : at === best);
    const labels = this.problem === 'regression' ? [] : this.labels.filter((_, at) => isChosen(at));
    return {labels, scores};
  }

  #readLabels({inputs, labels}: ClassifierBatch): number[][] {
    if (labels.length !== inputs.length) {
      throw new Error(`loss: there are ${labels.length} labels, expected ${inputs.length}, one a row`);
    }
    const size = this.labels.length;
    const {expected, isOne, length} = {
      single_label_classification: {
        expected: `the index of one of ${size} labels`,
        isOne: (value: number) => Number.isInteger(value) && value >= 0 && value < size,
        length: 1,
      },
      multi_label_classification: {
        expected: `${size} numbers from 0 to 1`,
        isOne: (value: number) => value >= 0 && value <= 1,
        length: size,
      },
      regression: {expected: size === 1 ? 'a number' : `${size} numbers`, isOne: Number.isFinite, length: size},
    }[this.problem];
    return labels.map((label, i) => {
      const values = [label].flat();
      if (values.length === length && values.every((value) => typeof value === 'number' && isOne(value))) return values;
      throw new Error(`loss: the label of row ${i} is ${show(label)}, expected ${expected}`);
    });
  }
}
