import {arrayOf, check, checkFields, checkOptions, flag, type Kind, type Kinds, optional} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import type {Architecture, ModelConfig, Stack} from './architecture.js';
import type {Batch} from './batch.js';
import {type ChatMessage, type ChatTemplateOptions, type ChatTemplates, renderChat} from './chat/chat-template.js';
import {DecoratedModel, type DecoratedPass} from './decorated-model.js';
import {CausalDecoding} from './generation/causal-decoding.js';
import {type Generator, generate, stream} from './generation/generate.js';
import type {GenerateOptions, StreamOptions} from './generation/generate-options.js';
import {GenerationWeights} from './generation-weights.js';
import {type HiddenStatesOptions, hiddenStates} from './hidden-states.js';
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
import {tiedEmbeddings} from './ops/tied-embeddings.js';
import {pad} from './padded.js';
import type {Tokenizer} from './tokenizer.js';
import {scaled, type Verbs} from './verbs.js';
import {get} from './weights.js';

const ROW: Kind = {expected: 'an array', is: Array.isArray};
const ROWS = arrayOf(ROW, 'an array of rows, each an array of numbers');
const BATCH: Kinds<Batch> = {inputs: ROWS, targets: ROWS, weights: ROWS};

/** What `CausalModel.loss` can be told. */
export interface LossOptions {
  /**
   * Keeps only what goes into each block and computes the block once more in the backward pass (activation or gradient
   * checkpointing): the same loss and gradients for far less memory and about a third more time. Default false.
   */
  recompute?: boolean;
}

export const LOSS_OPTIONS: Kinds<LossOptions> = {recompute: optional(flag)};

/** What a {@link CausalModel} is made of; `loadModel` reads it from files. */
export interface ModelParts {
  id: string;
  architecture: Architecture;
  tokenizer: Tokenizer;
  /** Default: none. */
  chatTemplates?: ChatTemplates;
  weights: ReadonlyMap<string, tf.Variable>;
}

/**
 * A pretrained decoder-only language model whose weights are tfjs variables: any tfjs optimizer trains it.
 *
 * Its ops bring gradients of their own, chosen so that a step is few large plain products and nothing that a backend
 * does slowly or not at all; the few others are those that `@tensorflow/tfjs` registers.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {loadModel} from '@subset-tuning/models';
 * import {read} from '@subset-tuning/tiny-translator';
 *
 * const model = await loadModel('tiny-translator', {read});
 * const {value, grads} = tf.variableGrads(() => model.loss({inputs: [[1, 60]], targets: [[60, 2]], weights: [[0, 1]]}));
 * Object.keys(grads).length; // as many as model.weights.size
 * ```
 */
export class CausalModel extends DecoratedModel {
  /** A name for people and for files made from this model. */
  readonly id: string;
  /** What the model computes, as its family describes it. */
  readonly architecture: Architecture;
  readonly tokenizer: Tokenizer;
  /** The Jinja templates of chats that the checkpoint has, which {@link applyChatTemplate} renders. */
  readonly chatTemplates: ChatTemplates;

  constructor({id, architecture, tokenizer, chatTemplates, weights}: ModelParts) {
    super(weights);
    this.id = id;
    this.architecture = architecture;
    this.tokenizer = tokenizer;
    this.chatTemplates = chatTemplates ?? {texts: new Map(), tokens: {}};
  }

  /** What its `config.json` says, as far as callers need it. */
  get config(): ModelConfig {
    return this.architecture.config;
  }

  protected parts(): {stacks: readonly Stack[]} {
    return {stacks: [this.architecture]};
  }

  /**
   * The logits of every next token.
   *
   * @param ids Token ids, [rows][length], rows of equal length, at most `maxRowTokens`.
   * @returns [rows, length, vocabulary], float32
   */
  logits(ids: readonly (readonly number[])[]): tf.Tensor3D {
    check('logits: ids', ids, ROWS);
    const length = this.#checkIds('logits: ids', ids);
    return tf.tidy(() => {
      const pass = this.pass();
      const logits = linear(this.#states(pass, ids), get(pass.weights, this.architecture.output));
      return tf.reshape(logits, [ids.length, length, this.config.vocabularySize]);
    });
  }

  /**
   * The last hidden states, normalised: what the output layer reads.
   *
   * @param ids As for {@link logits}.
   * @returns [rows, length, `config.hiddenSize`], float32
   */
  hidden(ids: readonly (readonly number[])[]): tf.Tensor3D {
    check('hidden: ids', ids, ROWS);
    const length = this.#checkIds('hidden: ids', ids);
    return tf.tidy(() => tf.reshape(this.#states(this.pass(), ids), [ids.length, length, this.config.hiddenSize]));
  }

  /**
   * The weighted mean cross entropy of a batch, in nats a token. Differentiable by every weight. The output layer runs
   * only where the batch's weights are above 0.
   *
   * @param batch What to learn.
   * @param options Default: nothing is computed twice.
   *
   * @throws where the batch's parts differ in shape, a row is too long, a token is not one of the vocabulary, or no
   * weight is above 0.
   */
  loss(batch: Batch, options: LossOptions = {}): tf.Scalar {
    checkOptions('loss', options, LOSS_OPTIONS);
    checkFields('loss: batch', batch, BATCH);
    const {inputs, targets, weights} = batch;
    const length = this.#checkIds('loss: inputs', inputs);
    this.#checkIds('loss: targets', targets, [inputs.length, length]);
    checkRows('loss: weights', weights, [inputs.length, length], 'a number ≥ 0', (w) => w >= 0 && w < Infinity);
    const all = weights.flat();
    const positions = [...all.keys()].filter((at) => all[at] > 0);
    if (positions.length === 0) throw new Error('loss: no weight is above 0, so there is nothing to learn');
    const wanted = targets.flat();
    const {output, embeddings} = this.architecture;
    return tf.tidy(() => {
      const pass = this.pass(true);
      const matrix = get<tf.Tensor2D>(pass.weights, output);
      const tied = output === embeddings ? tiedEmbeddings(matrix) : undefined;
      const decorateFirst = (verbs: Verbs): Verbs => ({
        ...verbs,
        embed: (ids, name, scale) =>
          tied && `${name}.weight` === embeddings ? scaled(tied.rows(ids), scale) : verbs.embed(ids, name, scale),
      });
      const hidden = this.#states(pass, inputs, {...options, wanted: positions, decorateFirst});
      const learnt = ints(positions.map((at) => wanted[at]));
      const shares = tf.tensor1d(positions.map((at) => all[at]));
      return tied ? tied.loss(hidden, learnt, shares) : crossEntropy(hidden, matrix, learnt, shares);
    });
  }

  /**
   * How likely continuations are after their contexts: what chooses among answers. Rows may differ in length; only the
   * logits of the continuations are computed.
   *
   * All answers of a call are those of the weights at the call, as for {@link generate}.
   *
   * @param rows Token ids of context and continuation, together at most `maxRowTokens` + 1 tokens, of which the
   * last is not read.
   * @returns One a row, in their order.
   *
   * @throws where a part of a row is empty or has what is no token, a row is too long; the signal's reason.
   *
   * @example
   * ```ts
   * import '@tensorflow/tfjs';
   * import {loadModel} from '@subset-tuning/models';
   * import {read} from '@subset-tuning/tiny-translator';
   *
   * const model = await loadModel('tiny-translator', {read});
   * const question = model.tokenizer.encode('Where do you live?<de>');
   * const answers = ['Wo wohnst du?', 'Ich bin müde.'].map((text) => model.tokenizer.encode(text));
   * const [right, wrong] = await model.logProbabilities(answers.map((answer) => [question, answer]));
   * console.log(right.sum > wrong.sum); // true
   * model.dispose();
   * ```
   */
  async logProbabilities(
    rows: readonly Continuation[],
    options: LogProbabilityOptions = {},
  ): Promise<LogProbability[]> {
    const {vocabularySize} = this.config;
    const maxPositions = this.maxRowTokens;
    const read = ([context, continuation]: Continuation) => ({
      ids: [...context, ...continuation.slice(0, -1)],
      begin: context.length - 1,
    });
    checkLogProbabilities(rows, options, {vocabularySize, maxPositions, read});
    options.signal?.throwIfAborted();
    // Taken before the first wait, so that all answers are of one model.
    const weights = new GenerationWeights(this.pass());
    try {
      return await logProbabilities(rows, options, {
        ...{vocabularySize, maxPositions, read},
        states: (rows, places) => {
          const all = rows.map((row) => read(row).ids);
          const length = all.reduce((most, ids) => Math.max(most, ids.length), 0);
          // Padding is on the right, where a causal model never looks.
          const ids = all.map((ids) => [...ids, ...new Array<number>(length - ids.length).fill(0)]);
          const wanted = places.map(({row, place}) => row * length + place);
          const hidden = this.#states(weights.pass, ids, {wanted});
          return {hidden, output: get(weights.tensors, this.architecture.output)};
        },
      });
    } finally {
      weights.dispose();
    }
  }

  /**
   * Continues texts, with a key/value cache: with the likeliest token each time (greedy), or with one that is drawn, where
   * any of `temperature`, `topK`, `topP` and `seed` is given.
   *
   * All answers of a call are those of the weights at the call: what is assigned to them before it ends (by a step of
   * training, or a delta that is applied or reverted) is seen by the next call, and `dispose` lets it end. Until then it
   * keeps what those weights held.
   *
   * @returns The continuations alone, decoded, in the order of the prompts. A prompt gives the same continuation alone
   * and among others, up to the rounding of equally likely tokens.
   *
   * @throws where a prompt leaves no room for an answer within `maxRowTokens`; the signal's reason.
   */
  generate(prompts: readonly string[], options: GenerateOptions = {}): Promise<string[]> {
    return generate(this.#generator(), prompts, options);
  }

  /**
   * Continues a text piece by piece, as {@link generate} does: together the pieces are its answer. A piece has whole
   * characters and nothing of a text that ends the answer.
   *
   * The weights are those at the first piece that is asked for. What they held, and the cache, is kept until the answer
   * has ended or the loop over it is left, by `break` too.
   *
   * @throws where the prompt leaves no room for an answer within `maxRowTokens`; by the loop, the signal's reason.
   *
   * @example
   * ```ts
   * import '@tensorflow/tfjs';
   * import {loadModel} from '@subset-tuning/models';
   * import {read} from '@subset-tuning/tiny-translator';
   *
   * const model = await loadModel('tiny-translator', {read});
   * for await (const piece of model.stream('Where do you live?<de>')) console.log(piece);
   * model.dispose();
   * ```
   */
  stream(prompt: string, options: StreamOptions = {}): AsyncGenerator<string, void, undefined> {
    return stream(this.#generator(), prompt, options);
  }

  /**
   * The text of a chat by the checkpoint's own template, as transformers' `apply_chat_template` makes it. It has the special
   * tokens already, so it goes to `generate` and `stream` with `addSpecialTokens: false`, and so to `tokenizer.encode`.
   *
   * @throws where the model has no such template, or it refuses the messages.
   */
  applyChatTemplate(messages: readonly ChatMessage[], options: ChatTemplateOptions = {}): Promise<string> {
    return renderChat(this.chatTemplates, messages, options);
  }

  /**
   * The answer to a chat: {@link applyChatTemplate} with the beginning of an answer, and {@link generate}.
   *
   * @example
   * ```ts no-run
   * import '@tensorflow/tfjs';
   * import {loadModel} from '@subset-tuning/models';
   *
   * const model = await loadModel('SmolLM2-135M-Instruct.Q4_1.gguf');
   * console.log(await model.chat([{role: 'user', content: 'What is the capital of France?'}]));
   * ```
   */
  async chat(
    messages: readonly ChatMessage[],
    options: Omit<GenerateOptions, 'addSpecialTokens'> = {},
  ): Promise<string> {
    const prompt = await this.applyChatTemplate(messages, {addGenerationPrompt: true});
    const [answer] = await this.generate([prompt], {...options, addSpecialTokens: false});
    return answer;
  }

  #generator(): Generator {
    const {architecture, tokenizer} = this;
    const {eosTokenIds} = this.config;
    return {
      ...{tokenizer, eosTokenIds, maxPromptTokens: this.maxRowTokens - 1},
      pass: () => this.pass(),
      begin: (weights, prompts) => new CausalDecoding(architecture, weights, prompts),
    };
  }

  #states(pass: DecoratedPass, ids: readonly (readonly number[])[], options?: HiddenStatesOptions): tf.Tensor2D {
    return hiddenStates(this.architecture, pass, pad(ids), options);
  }

  /** Checks rows of token ids and returns their length. */
  #checkIds(what: string, ids: readonly (readonly number[])[], shape?: [number, number]): number {
    const {vocabularySize} = this.config;
    const most = this.maxRowTokens;
    const length = ids[0]?.length ?? 0;
    if (length < 1 || length > most) {
      throw new Error(`${what} have ${ids.length} rows of ${length} tokens, expected 1 to ${most} tokens`);
    }
    const isToken = (id: number) => Number.isInteger(id) && id >= 0 && id < vocabularySize;
    checkRows(what, ids, shape ?? [ids.length, length], `a token id below ${vocabularySize}`, isToken);
    return length;
  }
}

function checkRows(
  what: string,
  rows: readonly (readonly number[])[],
  [count, length]: [number, number],
  expected: string,
  isValid: (value: number) => boolean,
): void {
  if (rows.length !== count) throw new Error(`${what} have ${rows.length} rows, expected ${count}`);
  for (const [i, row] of rows.entries()) {
    if (row.length !== length) throw new Error(`${what}: row ${i} has ${row.length} entries, expected ${length}`);
    for (const value of row) {
      if (!isValid(value)) throw new Error(`${what}: row ${i} has ${value}, expected ${expected}`);
    }
  }
}
