import {arrayOf, check, checkOptions, type Kinds, oneOf, optional, text, wholeNumber} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import type {Encoder, EncoderConfig, Stack} from './architecture.js';
import {byLength} from './by-length.js';
import {DecoratedModel} from './decorated-model.js';
import type {Head} from './head.js';
import {type HiddenStatesOptions, hiddenStates, type StackPass} from './hidden-states.js';
import {normaliseRows, POOLINGS, type Pooling, type PoolingKind, pool} from './pooling.js';
import {byRow, type PaddedRows, padRows, type TokenRow} from './token-rows.js';
import type {Tokenizer} from './tokenizer.js';
import {tokenVerbs} from './verbs.js';

/** What an {@link EncoderModel} is made of; `loadEncoder` reads it from files. */
export interface EncoderParts {
  id: string;
  architecture: Encoder;
  tokenizer: Tokenizer;
  /** By the names that the encoder has by itself: without the architecture's prefix. */
  weights: ReadonlyMap<string, tf.Variable>;
  pooling: Pooling;
  /** `embed` cuts texts to so many tokens. */
  maxTokens: number;
}

/** What `EncoderModel.embed` can be told. */
export interface EmbedOptions {
  /** At most so many texts at a time. Default 32. */
  batchSize?: number;
}

const TEXTS = arrayOf(text, 'an array of strings');
export const BATCH_OPTIONS: Kinds<EmbedOptions> = {batchSize: optional(wholeNumber(1))};
const POOLING = oneOf(POOLINGS);

/**
 * A pretrained encoder such as BERT, MiniLM or DistilBERT: from texts to hidden states, and to embeddings that are alike
 * where texts are. Its weights are tfjs variables: any tfjs optimizer trains it.
 *
 * @example
 * ```ts no-run
 * import '@tensorflow/tfjs';
 * import {loadEncoder} from '@subset-tuning/models';
 *
 * const model = await loadEncoder('path or URL of all-MiniLM-L6-v2');
 * const [cat, kitten, tax] = await model.embed(['A cat sat.', 'A kitten was sitting.', 'Taxes are due.']);
 * const likeness = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
 * console.log(likeness(cat, kitten) > likeness(cat, tax)); // true
 * ```
 */
export class EncoderModel extends DecoratedModel {
  /** A name for people and for files made from this model. */
  readonly id: string;
  /** What the model computes, as its family describes it. */
  readonly architecture: Encoder;
  readonly tokenizer: Tokenizer;
  /** The weights as transformers' `BertModel` calls them, such as `encoder.layer.0.attention.self.query.weight`. */
  declare readonly weights: ReadonlyMap<string, tf.Variable>;
  /** How `embed` makes one embedding of a text's hidden states. */
  readonly pooling: Pooling;
  /** `embed` cuts texts to so many tokens. */
  readonly maxTokens: number;

  constructor({id, architecture, tokenizer, weights, pooling, maxTokens}: EncoderParts) {
    super(weights);
    this.id = id;
    this.architecture = architecture;
    this.tokenizer = tokenizer;
    this.pooling = pooling;
    this.maxTokens = maxTokens;
  }

  /** What its `config.json` says, as far as callers need it. */
  get config(): EncoderConfig {
    return this.architecture.config;
  }

  /**
   * The last hidden states.
   *
   * @param inputs Rows of tokens, each as long as it is: `tokenizer.encode` gives them, and `tokenizer.encodePair` for
   * two texts at once.
   * @returns [rows, longest row, `config.hiddenSize`], float32, differentiable. What it has for padding means nothing.
   *
   * @throws where a row is empty or too long, or has what is no token.
   */
  hidden(inputs: readonly TokenRow[]): tf.Tensor3D {
    const rows = this.#rows('hidden: inputs', inputs);
    return tf.tidy(() => byRow(hiddenStates(this.architecture, this.#pass(), rows), rows));
  }

  /**
   * One state a row.
   *
   * @param inputs As for {@link hidden}.
   * @param kind Default: as the model's files say, and as long as they say. A kind that is named is left as long as it is.
   * @returns [rows, `config.hiddenSize`], float32, differentiable
   *
   * @throws as {@link hidden}, and where the model has no pooler and is asked for it.
   */
  pooled(inputs: readonly TokenRow[], kind?: PoolingKind): tf.Tensor2D {
    check('pooled: kind', kind, optional(POOLING));
    return this.#pooled(this.#rows('pooled: inputs', inputs), kind);
  }

  /**
   * The embeddings of texts, as Sentence Transformers makes them where the model's files say how: by default the mean of
   * the hidden states of all tokens. A text of more than `maxTokens` tokens is cut.
   *
   * @returns One of `config.hiddenSize` numbers for each text, in order. A text has the same alone and among others, up
   * to rounding.
   */
  async embed(texts: readonly string[], options: EmbedOptions = {}): Promise<Float32Array[]> {
    check('embed: texts', texts, TEXTS);
    checkOptions('embed', options, BATCH_OPTIONS);
    const maxTokens = Math.min(this.maxTokens, this.maxRowTokens);
    const rows = texts.map((text) => this.tokenizer.encode(text, {maxTokens}));
    return byLength(rows, options.batchSize ?? 32, async (batch) => {
      const pooled = this.#pooled(this.#rows('embed: texts', batch));
      try {
        const values = await pooled.data<'float32'>();
        const {hiddenSize} = this.config;
        return batch.map((_, i) => values.slice(i * hiddenSize, (i + 1) * hiddenSize));
      } finally {
        pooled.dispose();
      }
    });
  }

  protected parts(): {stacks: readonly Stack[]; head?: Head | undefined} {
    return {stacks: [this.architecture], head: this.architecture.pooler};
  }

  #rows(what: string, inputs: readonly TokenRow[]): PaddedRows {
    return padRows(what, inputs, this.config, this.maxRowTokens);
  }

  #pooled(rows: PaddedRows, asked?: PoolingKind): tf.Tensor2D {
    const {kind, normalise} = asked ? {kind: asked, normalise: false} : this.pooling;
    return tf.tidy(() => {
      const pooled = this.#pool(rows, kind);
      return normalise ? normaliseRows(pooled) : pooled;
    });
  }

  #pool(rows: PaddedRows, kind: PoolingKind): tf.Tensor2D {
    const pass = this.#pass();
    const states = (options?: HiddenStatesOptions) => hiddenStates(this.architecture, pass, rows, options);
    if (kind === 'cls') return states({wanted: 'first'});
    if (kind !== 'pooler') return pool(states(), rows, kind);
    const {pooler, prefix} = this.architecture;
    const names = pooler?.shapes(0).map(([name]) => name.slice(prefix.length)) ?? [];
    if (!pooler || !names.every((name) => this.weights.has(name))) {
      throw new Error(`pooled: kind is "pooler", expected another: ${this.id} has no pooler`);
    }
    return pooler.apply(states({wanted: 'first'}), pass.decorate(tokenVerbs(pass.weights), pass.weights));
  }

  /** A pass in which the family's names are those of the weights. */
  #pass(): StackPass {
    const {weights, decorate, ...virtual} = this.pass();
    const own = (name: string) => this.ownName(name);
    return {
      ...virtual,
      weights: {get: (name) => weights.get(own(name))},
      decorate: (verbs, weights) => {
        const decorated = decorate(verbs, weights);
        return {
          ...decorated,
          embed: (ids, name, scale) => decorated.embed(ids, own(name), scale),
          project: (x, name, layout) => decorated.project(x, own(name), layout),
          normalise: (x, name, norm) => decorated.normalise(x, own(name), norm),
        };
      },
    };
  }

  protected override ownName(name: string): string {
    const {prefix} = this.architecture;
    return name.startsWith(prefix) ? name.slice(prefix.length) : name;
  }
}
