import * as tf from '@tensorflow/tfjs-core';
import type {Block, EncoderDecoderConfig, EncoderDecoderFamily, Stack} from '../architecture.js';
import type {ConfigReader} from '../config-reader.js';
import {gelu} from '../ops/gelu.js';
import {relu} from '../ops/relu.js';
import type {Attention, Norm, ReadSource} from '../verbs.js';
import {eachLayer, residual, type Shapes} from './decoder-parts.js';

/** Attributes of its heads, of training from nothing, and of what only guides those who use it. */
const NOT_COMPUTED = ['classifier_dropout', 'dropout_rate', 'initializer_factor', 'n_positions', 'output_past'];

/**
 * T5, T5 1.1 and Flan-T5 (Raffel et al. 2020, arXiv 1910.10683; computes what transformers' `T5ForConditionalGeneration`
 * does): no positions but a bias on scores by distance, which all layers of a stack share, and scores that are not scaled.
 */
export const t5: EncoderDecoderFamily = (reader) => {
  reader.ignore(NOT_COMPUTED);
  reader.same('is_encoder_decoder', true);
  const vocabularySize = reader.count('vocab_size', 2 ** 24, 32_128);
  const width = reader.count('d_model', 2 ** 16, 512);
  const inner = reader.count('d_ff', 2 ** 18, 2048);
  const heads = reader.count('num_heads', 1024, 8);
  const headSize = reader.count('d_kv', 1024, 64);
  const encoderLayers = reader.count('num_layers', 1024, 6);
  const decoderLayers = reader.count('num_decoder_layers', 1024, encoderLayers);
  const isGated = readIsGated(reader);
  const isTied = readIsTied(reader);
  const norm: Norm = {kind: 'rms', epsilon: reader.positive('layer_norm_epsilon', 1e-6)};
  const buckets = reader.count('relative_attention_num_buckets', 1024, 32, 4);
  if (buckets % 2 !== 0) reader.fail('relative_attention_num_buckets', buckets, 'an even number');
  const farthest = reader.count('relative_attention_max_distance', 2 ** 24, 128, Math.floor(buckets / 2) + 1);
  const config: EncoderDecoderConfig = {
    modelType: 't5',
    vocabularySize,
    hiddenSize: width,
    maxPositions: Number.POSITIVE_INFINITY, // the last bucket has no end
    eosTokenIds: reader.eosTokenIds(vocabularySize),
    decoderStartTokenId: reader.count('decoder_start_token_id', vocabularySize - 1, undefined, 0),
  };

  const attention: Attention = {heads, keyValueHeads: heads, headSize, scale: 1, sees: 'all'};
  const biasOf = (stack: string) => `${stack}.block.0.layer.0.SelfAttention.relative_attention_bias`;
  const distanceBias = (stack: string) => ({name: biasOf(stack), buckets, farthest});
  const inEncoder: Attention = {...attention, distanceBias: distanceBias('encoder')};
  const inDecoder: Attention = {...attention, sees: 'before', distanceBias: distanceBias('decoder')};

  const normShapes = (name: string): Shapes => [[`${name}.weight`, [width]]];
  const attentionShapes = (name: string): Shapes => [
    ...['q', 'k', 'v'].map((part): Shapes[number] => [`${name}.${part}.weight`, [heads * headSize, width]]),
    [`${name}.o.weight`, [width, heads * headSize]],
  ];
  const feedForwardShapes = (name: string): Shapes => [
    ...(isGated ? ['wi_0', 'wi_1'] : ['wi']).map((part): Shapes[number] => [`${name}.${part}.weight`, [inner, width]]),
    [`${name}.wo.weight`, [width, inner]],
  ];
  const biasShapes = (stack: string): Shapes => [[`${biasOf(stack)}.weight`, [buckets, heads]]];
  const outputShapes: Shapes = isTied ? [] : [['lm_head.weight', [vocabularySize, width]]];

  const attend = (layer: string, kind: Attention): Block =>
    residual((x, verbs) => {
      const before = verbs.normalise(x, `${layer}.layer_norm`, norm);
      const [q, k, v] = ['q', 'k', 'v'].map((part) => verbs.project(before, `${layer}.SelfAttention.${part}`));
      const seen = verbs.attend([q, k, v], `${layer}.SelfAttention`, kind);
      return verbs.project(seen, `${layer}.SelfAttention.o`);
    });
  const attendToSource = (layer: string): Block =>
    residual((x, verbs) => {
      const name = `${layer}.EncDecAttention`;
      const q = verbs.project(verbs.normalise(x, `${layer}.layer_norm`, norm), `${name}.q`);
      const read: ReadSource = (states) => [verbs.project(states, `${name}.k`), verbs.project(states, `${name}.v`)];
      return verbs.project(verbs.attendToSource(q, read, name, attention), `${name}.o`);
    });
  const feedForward = (layer: string): Block =>
    residual((x, verbs) => {
      const name = `${layer}.DenseReluDense`;
      const before = verbs.normalise(x, `${layer}.layer_norm`, norm);
      if (!isGated) return verbs.project(relu(verbs.project(before, `${name}.wi`)), `${name}.wo`);
      const gate = gelu(verbs.project(before, `${name}.wi_0`));
      return verbs.project(tf.mul(gate, verbs.project(before, `${name}.wi_1`)), `${name}.wo`);
    });
  const embed: Stack['embed'] = ({ids}, verbs) => verbs.embed(ids, 'shared');

  return {
    config,
    prefix: '',
    embeddings: 'shared.weight',
    copies: ['encoder.embed_tokens.weight', 'decoder.embed_tokens.weight'],
    output: isTied ? 'shared.weight' : 'lm_head.weight',
    spare: /^decoder\.block\.0\.layer\.1\.EncDecAttention\.relative_attention_bias\.weight$/, // of the first T5, not used
    shapes: new Map([
      ['shared.weight', [vocabularySize, width]],
      ...biasShapes('encoder'),
      ...eachLayer('encoder.block', encoderLayers, (block) => [
        ...normShapes(`${block}.layer.0.layer_norm`),
        ...attentionShapes(`${block}.layer.0.SelfAttention`),
        ...normShapes(`${block}.layer.1.layer_norm`),
        ...feedForwardShapes(`${block}.layer.1.DenseReluDense`),
      ]),
      ...normShapes('encoder.final_layer_norm'),
      ...biasShapes('decoder'),
      ...eachLayer('decoder.block', decoderLayers, (block) => [
        ...normShapes(`${block}.layer.0.layer_norm`),
        ...attentionShapes(`${block}.layer.0.SelfAttention`),
        ...normShapes(`${block}.layer.1.layer_norm`),
        ...attentionShapes(`${block}.layer.1.EncDecAttention`),
        ...normShapes(`${block}.layer.2.layer_norm`),
        ...feedForwardShapes(`${block}.layer.2.DenseReluDense`),
      ]),
      ...normShapes('decoder.final_layer_norm'),
      ...outputShapes,
    ] as Shapes),
    encoder: {
      embed,
      blocks: eachLayer('encoder.block', encoderLayers, (block) => [
        attend(`${block}.layer.0`, inEncoder),
        feedForward(`${block}.layer.1`),
      ]),
      finish: (x, verbs) => verbs.normalise(x, 'encoder.final_layer_norm', norm),
    },
    decoder: {
      embed,
      blocks: eachLayer('decoder.block', decoderLayers, (block) => [
        attend(`${block}.layer.0`, inDecoder),
        attendToSource(`${block}.layer.1`),
        feedForward(`${block}.layer.2`),
      ]),
      finish: (x, verbs) => {
        const last = verbs.normalise(x, 'decoder.final_layer_norm', norm);
        return isTied ? tf.mul(last, width ** -0.5) : last;
      },
    },
  };
};

/** Whether the feed-forward network is T5 1.1's. */
function readIsGated(reader: ConfigReader): boolean {
  const isGated = reader.oneOf('feed_forward_proj', ['relu', 'gated-gelu'], 'relu') === 'gated-gelu';
  reader.same('dense_act_fn', isGated ? 'gelu_new' : 'relu');
  reader.same('is_gated_act', isGated);
  return isGated;
}

/**
 * Whether the output layer is the embeddings, and what it reads is scaled, as in the first T5. transformers 5 says so by
 * `scale_decoder_outputs`, and calls all embeddings tied.
 */
function readIsTied(reader: ConfigReader): boolean {
  const isTied = reader.flag('tie_word_embeddings', true);
  const isScaled = reader.flag('scale_decoder_outputs', isTied);
  if (isScaled && !isTied) reader.fail('scale_decoder_outputs', true, 'false where tie_word_embeddings is');
  return isScaled;
}
