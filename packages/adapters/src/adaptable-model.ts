import {callable, checkFields, type Kinds, map, object, text} from '@subset-tuning/checks';
import type * as tf from '@tensorflow/tfjs-core';

// What adapters ask of a model. Those of @subset-tuning/models have it, which this package does not import: any other that
// is computed in such verbs will do.

/** A linear layer: its weight is `NAME.weight`, and its bias, where it has one, `NAME.bias`. */
export interface LinearModule {
  name: string;
  /** The width of what goes in. */
  inputs: number;
  /** The width of what comes out. */
  outputs: number;
  /** How the weight lies: [outputs, inputs], or as in GPT-2 [inputs, outputs]. */
  layout: 'out-in' | 'in-out';
}

/** Weights by name. */
export interface Weights {
  /** The weight of this name, where there is one. */
  get(name: string): tf.Tensor | undefined;
}

/** The verb that adapters decorate: x·Wᵀ + bias of the layer of this name. */
export interface ProjectVerb {
  /** x·Wᵀ + bias, x [n, inputs]: [n, outputs]. */
  project(x: tf.Tensor2D, name: string, layout?: 'out-in' | 'in-out'): tf.Tensor2D;
}

/** From verbs to verbs, with the weights that they are made over. */
export type DecorateVerbs = <V extends ProjectVerb>(verbs: V, weights: Weights) => V;

/** Virtual tokens before each row's, which go through all blocks. */
export interface Prompt {
  tokens: number;
  /** What they are embedded as, [tokens, hiddenSize]. */
  embed(weights: Weights): tf.Tensor2D;
}

/** Virtual tokens before each row's of which there are but keys and values. */
export interface Prefix {
  tokens: number;
  /** Theirs in the self-attention of this name, each [tokens, keyValueHeads · headSize]. */
  attend(name: string, weights: Weights): [keys: tf.Tensor2D, values: tf.Tensor2D];
}

/** A self-attention. */
export interface SelfAttention {
  name: string;
  heads: number;
  /** Key and value heads; each serves heads / keyValueHeads query heads. */
  keyValueHeads: number;
  headSize: number;
}

/** What is added to a model. */
export interface ModelDecorator {
  /** Its weights. One that is called as a weight of the model takes that one's place. */
  weights: ReadonlyMap<string, tf.Variable>;
  /** Called once for each pass over the model. */
  begin(isTraining: boolean): DecorateVerbs;
  /** Default: none. */
  prompt?: Prompt | undefined;
  /** Default: none. */
  prefix?: Prefix | undefined;
}

/** A model that adapters can be laid over. */
export interface AdaptableModel {
  /** A name for files made from this model. */
  readonly id: string;
  readonly weights: ReadonlyMap<string, tf.Variable>;
  /** The head, where there is one; `output` is the layer that is made new for a task. */
  readonly head?: {readonly output?: string};
  readonly architecture: {
    readonly config: {
      /** Needed by a prompt. */
      readonly hiddenSize?: number;
      /** Needed by a prompt that begins with the vocabulary. */
      readonly vocabularySize?: number;
      /** The longest row. Default: none is too long. */
      readonly maxPositions?: number;
    };
  };
  /** Needed by a prompt that begins with a text. */
  readonly tokenizer?: {
    /** The token ids of a text. */
    encode(text: string): readonly number[];
  };
  /** Its linear layers, but for a language model's output layer. */
  projections(): readonly LinearModule[];
  /** The self-attentions that a prefix can be put into. Needed by prompts and prefixes. */
  attentions?(): readonly SelfAttention[];
  /** What tokens are embedded as, [tokens, hiddenSize]. Needed by a prompt that begins with the vocabulary or a text. */
  embedTokens?(ids: readonly number[]): tf.Tensor2D;
  /** Adds a decorator, and returns what removes it. */
  decorate(decorator: ModelDecorator): () => void;
}

const MODEL: Kinds<Pick<AdaptableModel, 'id' | 'weights' | 'architecture' | 'projections' | 'decorate'>> = {
  id: text,
  weights: map('a Map from names to variables'),
  architecture: object('the description of what it computes'),
  projections: callable,
  decorate: callable,
};

/** Throws unless adapters can be laid over a value. */
export function checkModel(what: string, model: AdaptableModel): void {
  checkFields(`${what}: model`, model, MODEL);
}
