import {arrayOf, checkFields, checkOptions, type Kind, type Kinds} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import {LOSS_OPTIONS, type LossOptions} from './causal-model.js';
import {HeadModel} from './head-model.js';
import {softmaxLoss} from './ops/losses.js';
import {byRow, type TokenRow} from './token-rows.js';

/** What a {@link MaskedModel} learns from in one step: rows in which some tokens are hidden. */
export interface MaskedBatch {
  inputs: readonly TokenRow[];
  /** The token that stands at each place, like `inputs`. */
  targets: readonly (readonly number[])[];
  /** How much each place counts, like `inputs`: numbers ≥ 0, at least one above, as a rule at the hidden tokens. */
  weights: readonly (readonly number[])[];
}

const ROWS: Kind = arrayOf({expected: '', is: Array.isArray}, 'an array of rows, each an array of numbers');
const BATCH: Kinds<MaskedBatch> = {inputs: {expected: 'an array', is: Array.isArray}, targets: ROWS, weights: ROWS};

/** A pretrained encoder that says which token stands at a place: transformers' `…ForMaskedLM`. */
export class MaskedModel extends HeadModel {
  /**
   * How well each token fits at each place.
   *
   * @returns [rows, longest row, vocabulary], float32, differentiable. What it has for padding means nothing.
   *
   * @throws where a row is empty or too long, or has what is no token.
   */
  logits(inputs: readonly TokenRow[]): tf.Tensor3D {
    const rows = this.rows('logits: inputs', inputs);
    return tf.tidy(() => byRow(this.outputs(rows), rows));
  }

  /**
   * The weighted mean cross entropy of the tokens that stand there. Differentiable by every weight. Only places with a
   * weight above 0 go through the head.
   *
   * @throws as {@link logits}, and where the parts differ in shape or no weight is above 0.
   */
  loss(batch: MaskedBatch, options: LossOptions = {}): tf.Scalar {
    checkOptions('loss', options, LOSS_OPTIONS);
    checkFields('loss: batch', batch, BATCH);
    const rows = this.rows('loss: inputs', batch.inputs);
    const {vocabularySize} = this.config;
    const isToken = (id: number) => Number.isInteger(id) && id >= 0 && id < vocabularySize;
    const {lengths} = rows;
    checkLike('loss: targets', batch.targets, lengths, isToken, `a token id below ${vocabularySize}`);
    checkLike('loss: weights', batch.weights, lengths, (weight) => weight >= 0 && weight < Infinity, 'a number ≥ 0');
    const learnt = batch.weights.flatMap((row, i) =>
      row.flatMap((weight, at) =>
        weight > 0 ? [{weight, place: i * rows.length + at, id: batch.targets[i][at]}] : [],
      ),
    );
    if (learnt.length === 0) throw new Error('loss: no weight is above 0, so there is nothing to learn');
    const [places, ids, weights] = [
      learnt.map((each) => each.place),
      learnt.map((each) => each.id),
      learnt.map((each) => each.weight),
    ];
    return tf.tidy(() => softmaxLoss(this.outputs(rows, options, places), ids, weights));
  }
}

function checkLike(
  what: string,
  rows: readonly (readonly number[])[],
  lengths: readonly number[],
  isValid: (value: number) => boolean,
  expected: string,
): void {
  if (rows.length !== lengths.length) throw new Error(`${what} have ${rows.length} rows, expected ${lengths.length}`);
  for (const [i, row] of rows.entries()) {
    if (row.length !== lengths[i])
      throw new Error(`${what}: row ${i} has ${row.length} entries, expected ${lengths[i]}`);
    const wrong = row.find((value) => !isValid(value));
    if (wrong !== undefined) throw new Error(`${what}: row ${i} has ${wrong}, expected ${expected}`);
  }
}
