import * as tf from '@tensorflow/tfjs-core';
import type {EncoderConfig, EncoderFamily} from '../architecture.js';
import {relu} from '../ops/relu.js';
import type {Attention, Norm} from '../verbs.js';
import {readActivation} from './activations.js';
import {eachLayer} from './decoder-parts.js';
import {classificationHead, layerNormShapes, linearShapes, spanHead} from './encoder-parts.js';

/** Attributes of training. */
const NOT_COMPUTED = [
  'dropout',
  'qa_dropout',
  'seq_classif_dropout',
  'sinusoidal_pos_embds',
  'tie_weights_',
  'eos_token_id',
];

/**
 * DistilBERT (Sanh et al. 2019, arXiv 1910.01108; computes what transformers' `DistilBertModel` does): BERT with half its
 * layers, without kinds of tokens and without a pooler.
 */
export const distilbert: EncoderFamily = (reader) => {
  reader.ignore(NOT_COMPUTED);
  reader.oneOf('tie_word_embeddings', [true], true);
  const vocabularySize = reader.count('vocab_size', 2 ** 24, 30_522);
  const width = reader.count('dim', 2 ** 16, 768);
  const inner = reader.count('hidden_dim', 2 ** 18, 3072);
  const layers = reader.count('n_layers', 1024, 6);
  const heads = reader.count('n_heads', 1024, 12);
  if (width % heads !== 0) reader.fail('n_heads', heads, `a divisor of dim, ${width}`);
  const config: EncoderConfig = {
    modelType: 'distilbert',
    vocabularySize,
    hiddenSize: width,
    maxPositions: reader.count('max_position_embeddings', 2 ** 24, 512),
    tokenTypes: 0,
    eosTokenIds: [],
  };
  const activate = readActivation(reader, 'activation', 'gelu');
  const norm: Norm = {kind: 'layer', epsilon: 1e-12};
  const headSize = width / heads;
  const attention: Attention = {heads, keyValueHeads: heads, headSize, scale: 1 / Math.sqrt(headSize), sees: 'all'};
  const words = 'distilbert.embeddings.word_embeddings';
  const classification = classificationHead(width, 'pre_classifier', relu);

  return {
    config,
    prefix: 'distilbert.',
    embeddings: `${words}.weight`,
    spare: /^(pre_classifier|classifier|qa_outputs|vocab_(transform|layer_norm|projector))\.|\.position_ids$/,
    shapes: new Map([
      [`${words}.weight`, [vocabularySize, width]],
      ['distilbert.embeddings.position_embeddings.weight', [config.maxPositions, width]],
      ...layerNormShapes('distilbert.embeddings.LayerNorm', width),
      ...eachLayer('distilbert.transformer.layer', layers, (layer) => [
        ...linearShapes(`${layer}.attention.q_lin`, width, width),
        ...linearShapes(`${layer}.attention.k_lin`, width, width),
        ...linearShapes(`${layer}.attention.v_lin`, width, width),
        ...linearShapes(`${layer}.attention.out_lin`, width, width),
        ...layerNormShapes(`${layer}.sa_layer_norm`, width),
        ...linearShapes(`${layer}.ffn.lin1`, width, inner),
        ...linearShapes(`${layer}.ffn.lin2`, inner, width),
        ...layerNormShapes(`${layer}.output_layer_norm`, width),
      ]),
    ]),
    embed: ({ids, places}, verbs) => {
      const ofPlaces = verbs.embed(places, 'distilbert.embeddings.position_embeddings');
      return verbs.normalise(tf.add(verbs.embed(ids, words), ofPlaces), 'distilbert.embeddings.LayerNorm', norm);
    },
    blocks: eachLayer('distilbert.transformer.layer', layers, (layer) => [
      (x, verbs) => {
        const q = verbs.project(x, `${layer}.attention.q_lin`);
        const k = verbs.project(x, `${layer}.attention.k_lin`);
        const v = verbs.project(x, `${layer}.attention.v_lin`);
        const seen = verbs.attend([q, k, v], `${layer}.attention`, attention);
        return verbs.normalise(
          tf.add(x, verbs.project(seen, `${layer}.attention.out_lin`)),
          `${layer}.sa_layer_norm`,
          norm,
        );
      },
      (x, verbs) => {
        const inner = activate(verbs.project(x, `${layer}.ffn.lin1`));
        return verbs.normalise(
          tf.add(x, verbs.project(inner, `${layer}.ffn.lin2`)),
          `${layer}.output_layer_norm`,
          norm,
        );
      },
    ]),
    finish: (x) => x,
    heads: {
      classification,
      choice: classification,
      span: spanHead(width),
      masked: {
        reads: 'each',
        shapes: () => [
          ...linearShapes('vocab_transform', width, width),
          ...layerNormShapes('vocab_layer_norm', width),
          ['vocab_projector.bias', [vocabularySize]],
        ],
        tied: {'vocab_projector.weight': `${words}.weight`},
        apply: (x, verbs) => {
          const normal = verbs.normalise(activate(verbs.project(x, 'vocab_transform')), 'vocab_layer_norm', norm);
          return verbs.project(normal, 'vocab_projector');
        },
      },
    },
  };
};
