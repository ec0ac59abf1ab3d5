import type {Family} from '../architecture.js';
import type {Attention, Norm} from '../verbs.js';
import {
  attentionShapes,
  decoderEnds,
  decoderShapes,
  eachLayer,
  gatedFeedForward,
  gatedShapes,
  normaliseHeads,
  readDecoderConfig,
  residual,
} from './decoder-parts.js';
import {readRotary} from './rotary-config.js';
import {readQwenWindows} from './windows.js';

/**
 * Qwen 3 (Yang et al. 2025, arXiv 2505.09388; computes what transformers' `Qwen3ForCausalLM` does): Llama's layers with
 * each query and key normalised.
 */
export const qwen3: Family = (reader) => {
  const defaults = {modelType: 'qwen3', maxPositions: 32_768, headSize: 128, isTied: false};
  const config = readDecoderConfig(reader, defaults);
  const {hiddenSize, layers, heads, keyValueHeads, headSize} = config;
  reader.same('hidden_act', 'silu');
  const hasBias = reader.flag('attention_bias', false);
  const norm: Norm = {kind: 'rms', epsilon: reader.positive('rms_norm_eps', 1e-6)};
  const rotary = readRotary(reader, headSize);
  const full: Attention = {heads, keyValueHeads, headSize, scale: 1 / Math.sqrt(headSize), rotary};
  const {window, isSliding} = readQwenWindows(reader, layers);
  const sliding: Attention = {...full, window};

  return {
    ...decoderEnds(config),
    config,
    shapes: decoderShapes(config, (layer) => [
      [`${layer}.input_layernorm.weight`, [hiddenSize]],
      [`${layer}.self_attn.q_norm.weight`, [headSize]],
      [`${layer}.self_attn.k_norm.weight`, [headSize]],
      ...attentionShapes(`${layer}.self_attn`, config, {input: hasBias, output: hasBias}),
      [`${layer}.post_attention_layernorm.weight`, [hiddenSize]],
      ...gatedShapes(`${layer}.mlp`, config),
    ]),
    embed: ({ids}, verbs) => verbs.embed(ids, 'model.embed_tokens'),
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
        return verbs.project(seen, `${layer}.self_attn.o_proj`);
      }),
      residual((x, verbs) => {
        const between = verbs.normalise(x, `${layer}.post_attention_layernorm`, norm);
        return gatedFeedForward(`${layer}.mlp`)(between, verbs);
      }),
    ]),
    finish: (x, verbs) => verbs.normalise(x, 'model.norm', norm),
  };
};
