import {arrayOf, check, checkFields, checkOptions, flag, type Kind, type Kinds, optional} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import type {EncoderDecoder, EncoderDecoderConfig, Stack} from './architecture.js';
import type {LossOptions} from './causal-model.js';
import {DecoratedModel, type DecoratedPass} from './decorated-model.js';
import {type Generator, generate, stream} from './generation/generate.js';
import type {GenerateOptions, StreamOptions} from './generation/generate-options.js';
import {SourceDecoding} from './generation/source-decoding.js';
import {GenerationWeights} from './generation-weights.js';
import {type HiddenStatesOptions, hiddenStates, lengthen} from './hidden-states.js';
import {ints} from './ints.js';
import {
  type Continuation,
  checkLogProbabilities,
  type LogProbability,
  type LogProbabilityOptions,
  logProbabilities,
} from './log-probabilities.js';
import {crossEntropy} from './ops/cross-entropy.js';
import {linear} from './ops/linear.js';
import {type Padded, pad} from './padded.js';
import type {Tokenizer} from './tokenizer.js';
import {withSource} from './verbs.js';
import {get} from './weights.js';

/**
 * What a model of an encoder and a decoder learns from in one step. Each row has a length of its own: what is short is
 * padded here, and padding is neither seen nor learnt.
 */
export interface EncoderDecoderBatch {
  /** Token ids of what is read, with the end that the tokenizer adds. */
  inputs: readonly (readonly number[])[];
  /** Token ids of what is answered, its end among them. The decoder reads each behind those before it. */
  targets: readonly (readonly number[])[];
  /** How much each target counts, like `targets`: numbers ≥ 0, at least one above. Default: each 1. */
  weights?: readonly (readonly number[])[];
}

const ROW: Kind = {expected: 'an array', is: Array.isArray};
const ROWS = arrayOf(ROW, 'an array of rows, each an array of numbers');
const BATCH: Kinds<EncoderDecoderBatch> = {inputs: ROWS, targets: ROWS, weights: optional(ROWS)};
const LOSS_OPTIONS: Kinds<LossOptions> = {recompute: optional(flag)};

/** What an {@link EncoderDecoderModel} is made of; `loadEncoderDecoder` reads it from files. */
export interface EncoderDecoderParts {
  id: string;
  architecture: EncoderDecoder;
  tokenizer: Tokenizer;
  weights: ReadonlyMap<string, tf.Variable>;
}

/**
 * A pretrained language model of an encoder, which reads a text, and a decoder, which answers it. Its weights are tfjs
 * variables: any tfjs optimizer trains it.
 *
 * @example
 * ```ts no-run
 * import * as tf from '@tensorflow/tfjs';
 * import {loadEncoderDecoder} from '@subset-tuning/models';
 *
 * const model = await loadEncoderDecoder('path or URL of flan-t5-small');
 * const inputs = [model.tokenizer.encode('translate English to German: Where do you live?')];
 * const targets = [model.tokenizer.encode('Wo wohnst du?')];
 * const optimizer = tf.train.adam(0.001);
 * optimizer.minimize(() => model.loss({inputs, targets}));
 * console.log(await model.generate(['translate English to German: Where do you live?']));
 * ```
 */
export class EncoderDecoderModel extends DecoratedModel {
  /** A name for people and for files made from this model. */
  readonly id: string;
  /** What the model computes, as its family describes it. */
  readonly architecture: EncoderDecoder;
  readonly tokenizer: Tokenizer;

  constructor({id, architecture, tokenizer, weights}: EncoderDecoderParts) {
    super(weights);
    this.id = id;
    this.architecture = architecture;
    this.tokenizer = tokenizer;
  }

  /** What its `config.json` says, as far as callers need it. */
  get config(): EncoderDecoderConfig {
    return this.architecture.config;
  }

  /**
   * The encoder's last hidden states, normalised. Differentiable by the weights.
   *
   * @param inputs Token ids, each row of its own length.
   * @returns [rows, longest row, `config.hiddenSize`], float32. What it has for padding means nothing.
   *
   * @throws where a row is empty or a token is not one of the vocabulary.
   */
  encode(inputs: readonly (readonly number[])[]): tf.Tensor3D {
    check('encode: inputs', inputs, ROWS);
    const source = this.#read('encode: inputs', inputs);
    return tf.tidy(() =>
      tf.reshape(hiddenStates(this.architecture.encoder, {...this.pass(), prefix: undefined}, source), [
        source.rows,
        source.length,
        this.config.hiddenSize,
      ]),
    );
  }

  /**
   * The scores of every token at each target, by what is read and by the targets before it.
   *
   * @param batch Its `weights` are not looked at.
   * @returns [rows, longest row of targets, vocabulary], float32, differentiable. What it has for padding means nothing.
   *
   * @throws as {@link loss}.
   */
  logits(batch: Pick<EncoderDecoderBatch, 'inputs' | 'targets'>): tf.Tensor3D {
    const {source, answers} = this.#readBatch('logits', batch);
    return tf.tidy(() => {
      const pass = this.pass();
      const logits = linear(this.#states(pass, source, answers), get(pass.weights, this.architecture.output));
      return tf.reshape(logits, [answers.rows, answers.length, this.config.vocabularySize]);
    });
  }

  /**
   * The decoder's last hidden states at each target: what the output layer reads.
   *
   * @param batch As for {@link logits}.
   * @returns [rows, longest row of targets, `config.hiddenSize`], float32, differentiable.
   */
  hidden(batch: Pick<EncoderDecoderBatch, 'inputs' | 'targets'>): tf.Tensor3D {
    const {source, answers} = this.#readBatch('hidden', batch);
    return tf.tidy(() =>
      tf.reshape(this.#states(this.pass(), source, answers), [answers.rows, answers.length, this.config.hiddenSize]),
    );
  }

  /**
   * The weighted mean cross entropy of a batch's targets, in nats a token. Differentiable by every weight. The output
   * layer runs only where the batch's weights are above 0.
   *
   * @param batch What to learn.
   * @param options Default: nothing is computed twice.
   *
   * @throws where the batch's parts do not have the same rows, a row is empty, a token is not one of the vocabulary, or no
   * weight is above 0.
   */
  loss(batch: EncoderDecoderBatch, options: LossOptions = {}): tf.Scalar {
    checkOptions('loss', options, LOSS_OPTIONS);
    const {source, answers} = this.#readBatch('loss', batch);
    const {targets, weights} = batch;
    if (weights) checkWeights(weights, targets);
    const learnt = targets.flatMap((row, i) =>
      row.map((id, at) => ({id, place: i * answers.length + at, weight: weights?.[i][at] ?? 1})),
    );
    const counted = learnt.filter(({weight}) => weight > 0);
    if (counted.length === 0) throw new Error('loss: no weight is above 0, so there is nothing to learn');
    return tf.tidy(() => {
      const pass = this.pass(true);
      const wanted = counted.map(({place}) => place);
      return crossEntropy(
        this.#states(pass, source, answers, {...options, wanted}),
        get(pass.weights, this.architecture.output),
        ints(counted.map(({id}) => id)),
        tf.tensor1d(counted.map(({weight}) => weight)),
      );
    });
  }

  /**
   * How likely answers are to texts, as `CausalModel.logProbabilities` says of continuations.
   *
   * All answers of a call are those of the weights at the call, as for {@link generate}.
   *
   * @param rows Token ids of a text, with the end that the tokenizer adds, and of an answer.
   * @returns One a row, in their order.
   *
   * @throws where a part of a row is empty or has what is no token; the signal's reason.
   */
  async logProbabilities(
    rows: readonly Continuation[],
    options: LogProbabilityOptions = {},
  ): Promise<LogProbability[]> {
    const {vocabularySize, decoderStartTokenId: start} = this.config;
    const maxPositions = this.maxRowTokens;
    const answerOf = ([, continuation]: Continuation) => [start, ...continuation.slice(0, -1)];
    // Two rows are one reading where both encoder and decoder read the same.
    const read = (row: Continuation) => ({ids: [...row[0], -1, ...answerOf(row)], begin: 0});
    const scorer = {vocabularySize, read, maxPositions};
    checkLogProbabilities(rows, options, scorer);
    options.signal?.throwIfAborted();
    const weights = new GenerationWeights(this.pass());
    try {
      return await logProbabilities(rows, options, {
        ...scorer,
        states: (rows, places) => {
          const source = pad(rows.map(([text]) => text));
          const answers = pad(rows.map(answerOf));
          const wanted = places.map(({row, place}) => row * answers.length + place);
          const hidden = this.#states(weights.pass, source, answers, {wanted});
          return {hidden, output: get(weights.tensors, this.architecture.output)};
        },
      });
    } finally {
      weights.dispose();
    }
  }

  /**
   * Answers texts, by default with the likeliest token each time (greedy); the texts are read once, and what the decoder
   * needs of them is kept.
   *
   * All answers of a call are those of the weights at the call, as for `CausalModel.generate`.
   *
   * @returns The answers, decoded, in the order of the texts. A text gets the same answer alone and among others, up to
   * the rounding of equally likely tokens.
   *
   * @throws where a text has no tokens; the signal's reason, once that is aborted.
   */
  generate(texts: readonly string[], options: GenerateOptions = {}): Promise<string[]> {
    return generate(this.#generator(), texts, options);
  }

  /**
   * Answers a text piece by piece, as {@link generate} does: together the pieces are its answer.
   *
   * The weights are those at the first piece that is asked for. What they held, and the cache, is kept until the answer
   * has ended or the loop over it is left, by `break` too.
   *
   * @throws as {@link generate}.
   */
  stream(text: string, options: StreamOptions = {}): AsyncGenerator<string, void, undefined> {
    return stream(this.#generator(), text, options);
  }

  protected parts(): {stacks: readonly Stack[]} {
    const {encoder, decoder} = this.architecture;
    return {stacks: [encoder, decoder]};
  }

  #generator(): Generator {
    const {architecture, tokenizer} = this;
    const {eosTokenIds} = this.config;
    return {
      ...{tokenizer, eosTokenIds, maxPromptTokens: this.maxRowTokens},
      pass: () => this.pass(),
      begin: (weights, prompts) => new SourceDecoding(architecture, weights, prompts),
    };
  }

  /** The decoder's states. */
  #states(
    {prompt, prefix, ...pass}: DecoratedPass,
    source: Padded,
    answers: Padded,
    options: HiddenStatesOptions = {},
  ): tf.Tensor2D {
    const {encoder, decoder} = this.architecture;
    const {recompute} = options;
    const read = hiddenStates(encoder, {...pass, prompt}, source, {recompute, withPrompt: true});
    const weights = withSource(pass.weights, read);
    return hiddenStates(decoder, {...pass, weights, prefix}, answers, {
      ...options,
      source: lengthen(source, {prompt}),
    });
  }

  #readBatch(what: string, batch: EncoderDecoderBatch): {source: Padded; answers: Padded} {
    checkFields(`${what}: batch`, batch, BATCH);
    const {inputs, targets} = batch;
    const source = this.#read(`${what}: inputs`, inputs);
    if (targets.length !== inputs.length) {
      throw new Error(`${what}: targets have ${targets.length} rows, expected ${inputs.length}, as many as inputs`);
    }
    this.#read(`${what}: targets`, targets);
    const start = this.config.decoderStartTokenId;
    return {source, answers: pad(targets.map((row) => [start, ...row.slice(0, -1)]))};
  }

  /** Checks rows of token ids and pads them. */
  #read(what: string, rows: readonly (readonly number[])[]): Padded {
    const {vocabularySize} = this.config;
    if (rows.length === 0) throw new Error(`${what} have no rows, expected at least one`);
    for (const [i, row] of rows.entries()) {
      if (row.length === 0) throw new Error(`${what}: row ${i} is empty, expected at least one token`);
      for (const id of row) {
        if (Number.isInteger(id) && id >= 0 && id < vocabularySize) continue;
        throw new Error(`${what}: row ${i} has ${id}, expected a token id below ${vocabularySize}`);
      }
    }
    return pad(rows);
  }
}

function checkWeights(weights: readonly (readonly number[])[], targets: readonly (readonly number[])[]): void {
  if (weights.length !== targets.length) {
    throw new Error(`loss: weights have ${weights.length} rows, expected ${targets.length}, as many as targets`);
  }
  for (const [i, row] of weights.entries()) {
    if (row.length !== targets[i].length) {
      throw new Error(`loss: weights: row ${i} has ${row.length} entries, expected ${targets[i].length}`);
    }
    const wrong = row.find((weight) => !(weight >= 0 && weight < Infinity));
    if (wrong !== undefined) throw new Error(`loss: weights: row ${i} has ${wrong}, expected a number ≥ 0`);
  }
}
