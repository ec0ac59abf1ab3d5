import * as tf from '@tensorflow/tfjs-core';
import type {EncoderConfig, EncoderFamily} from '../architecture.js';
import type {Attention, Norm} from '../verbs.js';
import {readActivation} from './activations.js';
import {eachLayer} from './decoder-parts.js';
import {classificationHead, layerNormShapes, linearShapes, spanHead} from './encoder-parts.js';

/** Attributes of training, and of a pooler that Google's code once had. */
const NOT_COMPUTED = [
  ...[
    'attention_probs_dropout_prob',
    'hidden_dropout_prob',
    'classifier_dropout',
    'gradient_checkpointing',
    'directionality',
  ],
  ...['pooler_fc_size', 'pooler_num_attention_heads', 'pooler_num_fc_layers', 'pooler_size_per_head', 'pooler_type'],
  ...['output_past', 'eos_token_id'],
];

/**
 * BERT, and what has its shape, such as MiniLM (Devlin et al. 2018, arXiv 1810.04805; computes what transformers'
 * `BertModel` does): all tokens see each other, and layers are normalised after what they add.
 */
export const bert: EncoderFamily = (reader) => {
  reader.ignore(NOT_COMPUTED);
  reader.oneOf('is_decoder', [false], false);
  reader.oneOf('position_embedding_type', ['absolute'], 'absolute');
  reader.oneOf('tie_word_embeddings', [true], true);
  const vocabularySize = reader.count('vocab_size', 2 ** 24, 30_522);
  const width = reader.count('hidden_size', 2 ** 16, 768);
  const inner = reader.count('intermediate_size', 2 ** 18, 3072);
  const layers = reader.count('num_hidden_layers', 1024, 12);
  const heads = reader.count('num_attention_heads', 1024, 12);
  if (width % heads !== 0) reader.fail('num_attention_heads', heads, `a divisor of hidden_size, ${width}`);
  const config: EncoderConfig = {
    modelType: 'bert',
    vocabularySize,
    hiddenSize: width,
    maxPositions: reader.count('max_position_embeddings', 2 ** 24, 512),
    tokenTypes: reader.count('type_vocab_size', 2 ** 16, 2),
    eosTokenIds: [],
  };
  const activate = readActivation(reader, 'hidden_act', 'gelu');
  const norm: Norm = {kind: 'layer', epsilon: reader.positive('layer_norm_eps', 1e-12)};
  const headSize = width / heads;
  const attention: Attention = {heads, keyValueHeads: heads, headSize, scale: 1 / Math.sqrt(headSize), sees: 'all'};
  const words = 'bert.embeddings.word_embeddings';
  const classification = classificationHead(width, 'bert.pooler.dense', tf.tanh);

  return {
    config,
    prefix: 'bert.',
    embeddings: `${words}.weight`,
    spare: /^(bert\.pooler|cls|classifier|qa_outputs)\.|\.position_ids$/, // heads, and a buffer
    rename: (name) =>
      name.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias'),
    shapes: new Map([
      [`${words}.weight`, [vocabularySize, width]],
      ['bert.embeddings.position_embeddings.weight', [config.maxPositions, width]],
      ['bert.embeddings.token_type_embeddings.weight', [config.tokenTypes, width]],
      ...layerNormShapes('bert.embeddings.LayerNorm', width),
      ...eachLayer('bert.encoder.layer', layers, (layer) => [
        ...linearShapes(`${layer}.attention.self.query`, width, width),
        ...linearShapes(`${layer}.attention.self.key`, width, width),
        ...linearShapes(`${layer}.attention.self.value`, width, width),
        ...linearShapes(`${layer}.attention.output.dense`, width, width),
        ...layerNormShapes(`${layer}.attention.output.LayerNorm`, width),
        ...linearShapes(`${layer}.intermediate.dense`, width, inner),
        ...linearShapes(`${layer}.output.dense`, inner, width),
        ...layerNormShapes(`${layer}.output.LayerNorm`, width),
      ]),
    ]),
    embed: ({ids, places, types}, verbs) => {
      const ofWords = verbs.embed(ids, words);
      const ofTypes = verbs.embed(types ?? tf.zerosLike(places), 'bert.embeddings.token_type_embeddings');
      const ofPlaces = verbs.embed(places, 'bert.embeddings.position_embeddings');
      return verbs.normalise(tf.add(tf.add(ofWords, ofTypes), ofPlaces), 'bert.embeddings.LayerNorm', norm);
    },
    blocks: eachLayer('bert.encoder.layer', layers, (layer) => [
      (x, verbs) => {
        const q = verbs.project(x, `${layer}.attention.self.query`);
        const k = verbs.project(x, `${layer}.attention.self.key`);
        const v = verbs.project(x, `${layer}.attention.self.value`);
        const seen = verbs.attend([q, k, v], `${layer}.attention.self`, attention);
        const more = verbs.project(seen, `${layer}.attention.output.dense`);
        return verbs.normalise(tf.add(x, more), `${layer}.attention.output.LayerNorm`, norm);
      },
      (x, verbs) => {
        const inner = activate(verbs.project(x, `${layer}.intermediate.dense`));
        const more = verbs.project(inner, `${layer}.output.dense`);
        return verbs.normalise(tf.add(x, more), `${layer}.output.LayerNorm`, norm);
      },
    ]),
    finish: (x) => x,
    pooler: {
      reads: 'first',
      shapes: () => linearShapes('bert.pooler.dense', width, width),
      apply: (x, verbs) => tf.tanh(verbs.project(x, 'bert.pooler.dense')),
    },
    heads: {
      classification,
      choice: classification,
      span: spanHead(width),
      masked: {
        reads: 'each',
        shapes: () => [
          ...linearShapes('cls.predictions.transform.dense', width, width),
          ...layerNormShapes('cls.predictions.transform.LayerNorm', width),
          ['cls.predictions.bias', [vocabularySize]],
        ],
        tied: {
          'cls.predictions.decoder.weight': `${words}.weight`,
          'cls.predictions.decoder.bias': 'cls.predictions.bias',
        },
        apply: (x, verbs) => {
          const inner = activate(verbs.project(x, 'cls.predictions.transform.dense'));
          const normal = verbs.normalise(inner, 'cls.predictions.transform.LayerNorm', norm);
          return verbs.project(normal, 'cls.predictions.decoder');
        },
      },
    },
  };
};
