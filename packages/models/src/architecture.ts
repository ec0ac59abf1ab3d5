import type * as tf from '@tensorflow/tfjs-core';
import type {ConfigReader} from './config-reader.js';
import type {Head, Task} from './head.js';
import type {Tokens, TokenVerbs, Verbs} from './verbs.js';

/** What every model has, whatever its family; `loadModel` reads it from a Hugging Face `config.json`. */
export interface ModelConfig {
  /** The family by its name in `config.json`, such as `llama`. */
  modelType: string;
  vocabularySize: number;
  hiddenSize: number;
  /** The longest sequence, prompt and answer together. */
  maxPositions: number;
  /** The tokens that end an answer. */
  eosTokenIds: readonly number[];
}

/** What every model of an encoder and a decoder has. */
export interface EncoderDecoderConfig extends ModelConfig {
  /** What stands before every answer. */
  decoderStartTokenId: number;
}

/** One residual step over the hidden states of all tokens, [tokens, hiddenSize], in verbs alone. */
export type Block = (x: tf.Tensor2D, verbs: Verbs) => tf.Tensor2D;

/** What is computed from token ids to hidden states. */
export interface Stack {
  /** From token ids to the first block's hidden states. */
  embed(tokens: Tokens, verbs: TokenVerbs): tf.Tensor2D;
  /** Applied one after the other. The last takes each token by itself, so it may be given only some of them. */
  blocks: readonly Block[];
  /** From the last block's hidden states to what the output layer reads. */
  finish: Block;
}

/** What every encoder alone has. */
export interface EncoderConfig extends ModelConfig {
  /** Kinds of tokens, such as those of a first and of a second text; 0 where there are no kinds. */
  tokenTypes: number;
}

/** What a checkpoint holds, as its family describes it. */
export interface Checkpoint {
  config: ModelConfig;
  /** The tensors of a checkpoint with their shapes, in the order of the model's weights. */
  shapes: ReadonlyMap<string, readonly number[]>;
  /** What the names of a decoder that was saved alone lack, such as `model.`. */
  prefix: string;
  /** The name of the token embeddings, [vocabulary, hiddenSize]. */
  embeddings: string;
  /** Other names under which a checkpoint may have the same embeddings, too or instead. */
  copies?: readonly string[];
  /** Tensors that checkpoints have besides and that nothing needs, unless `shapes` has them. */
  spare?: RegExp;
  /** Of `shapes`: what a checkpoint may lack. */
  optional?: ReadonlySet<string>;
  /** What older checkpoints call otherwise. */
  rename?(name: string): string;
}

/** A checkpoint of a language model. */
export interface LanguageCheckpoint extends Checkpoint {
  /** The name of the output layer's weight, [vocabulary, hiddenSize]: the embeddings', where the two are tied. */
  output: string;
}

/** A decoder-only language model as its family describes it: what it reads and what it computes. */
export type Architecture = LanguageCheckpoint & Stack;

/** The same of an encoder and a decoder that attends to what the encoder has read. */
export interface EncoderDecoder extends LanguageCheckpoint {
  config: EncoderDecoderConfig;
  encoder: Stack;
  decoder: Stack;
}

/** An encoder alone, which reads a text in both directions and is no language model. */
export interface Encoder extends Checkpoint, Stack {
  config: EncoderConfig;
  /** What it may have besides: from the hidden state of a text's first token to that of the text. */
  pooler?: Head;
  heads: Readonly<Record<Task, Head>>;
}

/** Reads a family's `config.json`. Throws, by name, at what the family does not compute. */
export type Family = (config: ConfigReader) => Architecture;

/** The same of an encoder and a decoder. */
export type EncoderDecoderFamily = (config: ConfigReader) => EncoderDecoder;

/** The same of an encoder alone. */
export type EncoderFamily = (config: ConfigReader) => Encoder;
