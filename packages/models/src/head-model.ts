import * as tf from '@tensorflow/tfjs-core';
import type {Architecture, Encoder, ModelConfig, Stack} from './architecture.js';
import type {LossOptions} from './causal-model.js';
import {DecoratedModel} from './decorated-model.js';
import type {Head} from './head.js';
import {hiddenStates} from './hidden-states.js';
import {byRow, lastPlaces, type PaddedRows, padRows, type TokenRow} from './token-rows.js';
import type {EncodeOptions, Tokenizer} from './tokenizer.js';
import {tokenVerbs} from './verbs.js';
import type {Weights} from './weights.js';

/** What a {@link HeadModel} is made of; the functions that load one read it from files. */
export interface HeadParts {
  id: string;
  architecture: Encoder | Architecture;
  head: Head;
  tokenizer: Tokenizer;
  /** Those of the head among them, by checkpoint name. */
  weights: ReadonlyMap<string, tf.Variable>;
}

/** A text, or two that are read as one input. */
export type TextOrPair = string | readonly [first: string, second: string];

/** A pretrained model with a head for a task. Its weights are tfjs variables: any tfjs optimizer trains it. */
export abstract class HeadModel extends DecoratedModel {
  /** A name for people and for files made from this model. */
  readonly id: string;
  /** What the model computes, but for its head, as its family describes it. */
  readonly architecture: Encoder | Architecture;
  readonly head: Head;
  readonly tokenizer: Tokenizer;

  constructor({id, architecture, head, tokenizer, weights}: HeadParts) {
    super(weights);
    this.id = id;
    this.architecture = architecture;
    this.head = head;
    this.tokenizer = tokenizer;
  }

  /** What its `config.json` says, as far as callers need it. */
  get config(): ModelConfig {
    return this.architecture.config;
  }

  protected parts(): {stacks: readonly Stack[]; head: Head} {
    return {stacks: [this.architecture], head: this.head};
  }

  /**
   * The last hidden states, which the head reads.
   *
   * @param inputs Rows of tokens, each as long as it is: `tokenizer.encode` and `tokenizer.encodePair` give them.
   * @returns [rows, longest row, `config.hiddenSize`], float32, differentiable. What it has for padding means nothing.
   *
   * @throws where a row is empty or too long, or has what is no token.
   */
  hidden(inputs: readonly TokenRow[]): tf.Tensor3D {
    const rows = this.rows('hidden: inputs', inputs);
    return tf.tidy(() => byRow(hiddenStates(this.architecture, this.pass(), rows), rows));
  }

  /** @throws where a row is empty or too long, or has what is no token. */
  protected rows(what: string, inputs: readonly TokenRow[]): PaddedRows {
    return padRows(what, inputs, this.config, this.maxRowTokens);
  }

  /** The tokens of a text or of a pair, cut where they are too many. */
  protected encode(text: TextOrPair, options: EncodeOptions = {}): TokenRow {
    const cut = {maxTokens: this.maxRowTokens, ...options};
    if (typeof text === 'string') return this.tokenizer.encode(text, cut);
    return this.tokenizer.encodePair(text[0], text[1], cut);
  }

  /**
   * What the head makes of each row, or of each token: [rows or tokens or wanted tokens, outputs].
   *
   * @param options What a loss was told: without it, this is no training.
   */
  protected outputs(rows: PaddedRows, options?: LossOptions, wanted?: readonly number[]): tf.Tensor2D {
    const {reads, tied = {}, apply} = this.head;
    const ofHead = {each: wanted, first: 'first' as const, last: lastPlaces(rows)}[reads];
    const pass = this.pass(options !== undefined);
    const states = hiddenStates(this.architecture, pass, rows, {...options, wanted: ofHead});
    const weights: Weights = {get: (name) => pass.weights.get(tied[name] ?? name)};
    return apply(states, pass.decorate(tokenVerbs(weights), weights));
  }
}
