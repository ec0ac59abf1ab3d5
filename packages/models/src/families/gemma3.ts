import {isObject} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import type {Family} from '../architecture.js';
import type {ConfigReader} from '../config-reader.js';
import {gelu} from '../ops/gelu.js';
import type {Frequencies} from '../ops/rotary.js';
import type {Attention, Norm, Verbs} from '../verbs.js';
import {
  attentionShapes,
  decoderEnds,
  decoderShapes,
  eachLayer,
  gatedShapes,
  normaliseHeads,
  readDecoderConfig,
  residual,
} from './decoder-parts.js';
import {readRotary, rotaryOf} from './rotary-config.js';
import {readLayerTypes} from './windows.js';

/**
 * Gemma 3 on text (Gemma Team 2025, arXiv 2503.19786; computes what transformers' `Gemma3ForCausalLM` does): scaled
 * embeddings, norms before and after each step, and five layers of six that look back no further than a window, with a
 * rotary embedding of their own.
 */
export const gemma3: Family = (reader) => {
  const defaults = {modelType: 'gemma3_text', maxPositions: 131_072, headSize: 256, isTied: true};
  const config = readDecoderConfig(reader, defaults);
  const {hiddenSize, layers, heads, keyValueHeads, headSize} = config;
  reader.ignore(['cache_implementation', '_sliding_window_pattern']); // layer_types says it
  reader.same('hidden_activation', 'gelu_pytorch_tanh');
  reader.same('use_bidirectional_attention', false);
  const hasBias = reader.flag('attention_bias', false);
  const norm: Norm = {kind: 'rms', epsilon: reader.positive('rms_norm_eps', 1e-6), offset: 1};
  const {fullRotary, slidingRotary} = readRotaries(reader, headSize);
  const scale = reader.positive('query_pre_attn_scalar', 256) ** -0.5;
  const full: Attention = {heads, keyValueHeads, headSize, scale, rotary: fullRotary};
  const window = reader.count('sliding_window', 2 ** 24, 4096);
  const sliding: Attention = {...full, window, rotary: slidingRotary};
  const pattern = reader.count('sliding_window_pattern', 1024, 6);
  const isSliding = readLayerTypes(reader, layers, (layer) => (layer + 1) % pattern !== 0);

  return {
    ...decoderEnds(config),
    config,
    shapes: decoderShapes(config, (layer) => [
      [`${layer}.input_layernorm.weight`, [hiddenSize]],
      [`${layer}.self_attn.q_norm.weight`, [headSize]],
      [`${layer}.self_attn.k_norm.weight`, [headSize]],
      ...attentionShapes(`${layer}.self_attn`, config, {input: hasBias, output: hasBias}),
      [`${layer}.post_attention_layernorm.weight`, [hiddenSize]],
      [`${layer}.pre_feedforward_layernorm.weight`, [hiddenSize]],
      ...gatedShapes(`${layer}.mlp`, config),
      [`${layer}.post_feedforward_layernorm.weight`, [hiddenSize]],
    ]),
    embed: ({ids}, verbs) => verbs.embed(ids, 'model.embed_tokens', Math.sqrt(hiddenSize)),
    blocks: eachLayer('model.layers', layers, (layer, at) => [
      residual((x, verbs) => {
        const before = verbs.normalise(x, `${layer}.input_layernorm`, norm);
        const normal = (part: 'q' | 'k') => {
          const x = verbs.project(before, `${layer}.self_attn.${part}_proj`);
          return normaliseHeads(x, headSize, (heads) =>
            verbs.normalise(heads, `${layer}.self_attn.${part}_norm`, norm),
          );
        };
        const v = verbs.project(before, `${layer}.self_attn.v_proj`);
        const seen = verbs.attend([normal('q'), normal('k'), v], `${layer}.self_attn`, isSliding[at] ? sliding : full);
        const out = verbs.project(seen, `${layer}.self_attn.o_proj`);
        return verbs.normalise(out, `${layer}.post_attention_layernorm`, norm);
      }),
      residual((x, verbs) => {
        const before = verbs.normalise(x, `${layer}.pre_feedforward_layernorm`, norm);
        const out = feedForward(before, `${layer}.mlp`, verbs);
        return verbs.normalise(out, `${layer}.post_feedforward_layernorm`, norm);
      }),
    ]),
    finish: (x, verbs) => verbs.normalise(x, 'model.norm', norm),
  };
};

function feedForward(x: tf.Tensor2D, name: string, verbs: Verbs): tf.Tensor2D {
  const gate = gelu(verbs.project(x, `${name}.gate_proj`));
  return verbs.project(tf.mul(gate, verbs.project(x, `${name}.up_proj`)), `${name}.down_proj`);
}

/** transformers 5 says both kinds' in `rope_parameters`; in transformers 4, `rope_scaling` was of the full layers alone. */
function readRotaries(reader: ConfigReader, headSize: number): {fullRotary: Frequencies; slidingRotary: Frequencies} {
  const local = reader.positive('rope_local_base_freq', 10_000);
  const parameters = reader.get('rope_parameters');
  if (!isObject(parameters)) {
    const slidingRotary = rotaryOf(reader, 'rope_local_base_freq', {}, headSize, local);
    return {fullRotary: readRotary(reader, headSize, 1_000_000), slidingRotary};
  }
  const {full_attention, sliding_attention, ...others} = parameters;
  if (Object.keys(others).length > 0 || reader.get('rope_scaling') !== undefined) {
    reader.fail('rope_parameters', parameters, 'full_attention and sliding_attention alone, and no rope_scaling');
  }
  const theta = reader.positive('rope_theta', 1_000_000);
  return {
    fullRotary: rotaryOf(reader, 'rope_parameters: full_attention', full_attention ?? {}, headSize, theta),
    slidingRotary: rotaryOf(reader, 'rope_parameters: sliding_attention', sliding_attention ?? {}, headSize, local),
  };
}
