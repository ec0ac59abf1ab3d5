import * as tf from '@tensorflow/tfjs-core';
import type {Family, ModelConfig} from '../architecture.js';
import {gelu} from '../ops/gelu.js';
import type {Attention, Norm} from '../verbs.js';
import {eachLayer, residual, type Shapes} from './decoder-parts.js';

/** Attributes of the heads that it may have besides, and of training from nothing. */
const NOT_COMPUTED = [
  ...['attn_pdrop', 'embd_pdrop', 'resid_pdrop', 'n_ctx', 'reorder_and_upcast_attn'],
  ...['summary_activation', 'summary_first_dropout', 'summary_proj_to_labels', 'summary_type', 'summary_use_proj'],
];

/**
 * GPT-2 and DistilGPT-2 (Radford et al. 2019; computes what transformers' `GPT2LMHeadModel` does): learnt positions, layers
 * normalised by mean and variance, and matrices that lie [in, out].
 */
export const gpt2: Family = (reader) => {
  reader.ignore(NOT_COMPUTED);
  reader.oneOf('activation_function', ['gelu_new', 'gelu_pytorch_tanh'], 'gelu_new');
  const vocabularySize = reader.count('vocab_size', 2 ** 24, 50_257);
  const width = reader.count('n_embd', 2 ** 16, 768);
  const inner = reader.count('n_inner', 2 ** 18, 4 * width);
  const layers = reader.count('n_layer', 1024, 12);
  const heads = reader.count('n_head', 1024, 12);
  if (width % heads !== 0) reader.fail('n_head', heads, `a divisor of n_embd, ${width}`);
  const config: ModelConfig = {
    modelType: 'gpt2',
    vocabularySize,
    hiddenSize: width,
    maxPositions: reader.count('n_positions', 2 ** 24, 1024),
    eosTokenIds: reader.eosTokenIds(vocabularySize),
  };
  const isTied = reader.flag('tie_word_embeddings', true);
  const norm: Norm = {kind: 'layer', epsilon: reader.positive('layer_norm_epsilon', 1e-5)};
  const scale = reader.flag('scale_attn_weights', true) ? Math.sqrt(heads / width) : 1;
  const attention: Attention = {heads, keyValueHeads: heads, headSize: width / heads, scale};
  const isScaledByLayer = reader.flag('scale_attn_by_inverse_layer_idx', false);
  const attentions = Array.from({length: layers}, (_, layer) =>
    isScaledByLayer ? {...attention, scale: scale / (layer + 1)} : attention,
  );
  const output: Shapes = isTied ? [] : [['lm_head.weight', [vocabularySize, width]]];

  return {
    config,
    prefix: 'transformer.',
    embeddings: 'transformer.wte.weight',
    output: isTied ? 'transformer.wte.weight' : 'lm_head.weight',
    spare: /\.h\.\d+\.attn\.(masked_)?bias$/, // masks
    shapes: new Map([
      ['transformer.wte.weight', [vocabularySize, width]],
      ['transformer.wpe.weight', [config.maxPositions, width]],
      ...eachLayer('transformer.h', layers, (layer) => [
        ...normShapes(`${layer}.ln_1`, width),
        ...conv1dShapes(`${layer}.attn.c_attn`, width, 3 * width),
        ...conv1dShapes(`${layer}.attn.c_proj`, width, width),
        ...normShapes(`${layer}.ln_2`, width),
        ...conv1dShapes(`${layer}.mlp.c_fc`, width, inner),
        ...conv1dShapes(`${layer}.mlp.c_proj`, inner, width),
      ]),
      ...normShapes('transformer.ln_f', width),
      ...output,
    ]),
    embed: ({ids, places}, verbs) =>
      tf.add(verbs.embed(ids, 'transformer.wte'), verbs.embed(places, 'transformer.wpe')),
    blocks: eachLayer('transformer.h', layers, (layer, at) => [
      residual((x, verbs) => {
        const before = verbs.normalise(x, `${layer}.ln_1`, norm);
        const all = verbs.project(before, `${layer}.attn.c_attn`, 'in-out');
        const [q, k, v] = tf.split<tf.Tensor2D>(all, 3, 1);
        const seen = verbs.attend([q, k, v], `${layer}.attn`, attentions[at]);
        return verbs.project(seen, `${layer}.attn.c_proj`, 'in-out');
      }),
      residual((x, verbs) => {
        const between = verbs.normalise(x, `${layer}.ln_2`, norm);
        const inner = gelu(verbs.project(between, `${layer}.mlp.c_fc`, 'in-out'));
        return verbs.project(inner, `${layer}.mlp.c_proj`, 'in-out');
      }),
    ]),
    finish: (x, verbs) => verbs.normalise(x, 'transformer.ln_f', norm),
  };
};

function normShapes(name: string, width: number): Shapes {
  return [
    [`${name}.weight`, [width]],
    [`${name}.bias`, [width]],
  ];
}

/** OpenAI's `Conv1D`: a matrix [in, out] and a bias. */
function conv1dShapes(name: string, from: number, to: number): Shapes {
  return [
    [`${name}.weight`, [from, to]],
    [`${name}.bias`, [to]],
  ];
}
