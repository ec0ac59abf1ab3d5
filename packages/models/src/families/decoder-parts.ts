import * as tf from '@tensorflow/tfjs-core';
import type {Block, ModelConfig} from '../architecture.js';
import type {ConfigReader} from '../config-reader.js';
import {add} from '../ops/add.js';
import {swiglu} from '../ops/swiglu.js';

/** The sizes that Llama's configuration and those of its kin call by the same names. */
export interface DecoderConfig extends ModelConfig {
  /** Width inside the gated feed-forward network. */
  intermediateSize: number;
  layers: number;
  heads: number;
  /** Key and value heads; each serves heads / keyValueHeads query heads. */
  keyValueHeads: number;
  headSize: number;
  /** Whether the output layer is the embeddings. */
  isTied: boolean;
}

/** What a config leaves out. */
export interface Defaults {
  modelType: string;
  maxPositions: number;
  isTied: boolean;
  /** Without it, a config must say it. */
  keyValueHeads?: 'heads';
  /** Default: hidden size over `heads`. */
  headSize?: number;
}

export function readDecoderConfig(config: ConfigReader, defaults: Defaults): DecoderConfig {
  config.same('model_type', defaults.modelType);
  const vocabularySize = config.count('vocab_size', 2 ** 24);
  const heads = config.count('num_attention_heads', 1024);
  const hiddenSize = config.count('hidden_size', 2 ** 16);
  const keyValueHeads = config.count('num_key_value_heads', 1024, defaults.keyValueHeads && heads);
  if (heads % keyValueHeads !== 0) {
    config.fail('num_key_value_heads', keyValueHeads, `a divisor of num_attention_heads, ${heads}`);
  }
  return {
    modelType: defaults.modelType,
    vocabularySize,
    hiddenSize,
    intermediateSize: config.count('intermediate_size', 2 ** 18),
    layers: config.count('num_hidden_layers', 1024),
    heads,
    keyValueHeads,
    headSize: config.count('head_dim', 1024, defaults.headSize ?? hiddenSize / heads),
    maxPositions: config.count('max_position_embeddings', 2 ** 24, defaults.maxPositions),
    isTied: config.flag('tie_word_embeddings', defaults.isTied),
    eosTokenIds: config.eosTokenIds(vocabularySize),
  };
}

/** Whatever one makes of each layer's name, `PREFIX.0`, `PREFIX.1`, …, end to end. */
export function eachLayer<T>(prefix: string, layers: number, make: (name: string, layer: number) => T[]): T[] {
  return Array.from({length: layers}, (_, layer) => make(`${prefix}.${layer}`, layer)).flat();
}

/** Tensors with their shapes. */
export type Shapes = [name: string, shape: readonly number[]][];

/** A layer's tensors: a matrix [out, in], with a bias where it has one. */
function linearShapes(name: string, shape: readonly [number, number], hasBias = false): Shapes {
  const weight: Shapes = [[`${name}.weight`, shape]];
  return hasBias ? [...weight, [`${name}.bias`, [shape[0]]]] : weight;
}

/** The embeddings, these layers, the last norm and, where it is not the embeddings, the output layer. */
export function decoderShapes(config: DecoderConfig, layer: (name: string) => Shapes): Map<string, readonly number[]> {
  const {vocabularySize, hiddenSize, layers, isTied} = config;
  const outputs: Shapes = isTied ? [] : [['lm_head.weight', [vocabularySize, hiddenSize]]];
  return new Map([
    ['model.embed_tokens.weight', [vocabularySize, hiddenSize]],
    ...eachLayer('model.layers', layers, layer),
    ['model.norm.weight', [hiddenSize]],
    ...outputs,
  ] as Shapes);
}

/** The matrices of an attention of so many heads. */
export function attentionShapes(
  name: string,
  {hiddenSize, heads, keyValueHeads, headSize}: DecoderConfig,
  bias: {input: boolean; output: boolean} = {input: false, output: false},
): Shapes {
  return [
    ...linearShapes(`${name}.q_proj`, [heads * headSize, hiddenSize], bias.input),
    ...linearShapes(`${name}.k_proj`, [keyValueHeads * headSize, hiddenSize], bias.input),
    ...linearShapes(`${name}.v_proj`, [keyValueHeads * headSize, hiddenSize], bias.input),
    ...linearShapes(`${name}.o_proj`, [hiddenSize, heads * headSize], bias.output),
  ];
}

/** The matrices of a gated feed-forward network. */
export function gatedShapes(name: string, {hiddenSize, intermediateSize}: DecoderConfig, hasBias = false): Shapes {
  return [
    ...linearShapes(`${name}.gate_proj`, [intermediateSize, hiddenSize], hasBias),
    ...linearShapes(`${name}.up_proj`, [intermediateSize, hiddenSize], hasBias),
    ...linearShapes(`${name}.down_proj`, [hiddenSize, intermediateSize], hasBias),
  ];
}

/** x + f(x), which every block of these families is. */
export function residual(step: Block): Block {
  return (x, verbs) => add(x, step(x, verbs));
}

/** down(silu(gate(x)) · up(x)) */
export function gatedFeedForward(name: string): Block {
  return (x, verbs) => {
    const gate = verbs.project(x, `${name}.gate_proj`);
    return verbs.project(swiglu(gate, verbs.project(x, `${name}.up_proj`)), `${name}.down_proj`);
  };
}

/** What these families have in common besides their layers. */
export function decoderEnds({isTied}: DecoderConfig) {
  return {
    prefix: 'model.',
    embeddings: 'model.embed_tokens.weight',
    output: isTied ? 'model.embed_tokens.weight' : 'lm_head.weight',
    spare: /(^|\.)rotary_emb\.inv_freq$/,
  };
}

/** What this makes of each head, x [tokens, heads · headSize] taken for [tokens · heads, headSize]. */
export function normaliseHeads(
  x: tf.Tensor2D,
  headSize: number,
  normalise: (heads: tf.Tensor2D) => tf.Tensor2D,
): tf.Tensor2D {
  return tf.reshape(normalise(tf.reshape(x, [-1, headSize])), x.shape);
}
