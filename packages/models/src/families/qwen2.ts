import type {Family} from '../architecture.js';
import type {Attention, Norm} from '../verbs.js';
import {
  attentionShapes,
  decoderEnds,
  decoderShapes,
  eachLayer,
  gatedFeedForward,
  gatedShapes,
  readDecoderConfig,
  residual,
} from './decoder-parts.js';
import {readRotary} from './rotary-config.js';
import {readQwenWindows} from './windows.js';

/**
 * Qwen 2 and 2.5 (Yang et al. 2024, arXiv 2407.10671; computes what transformers' `Qwen2ForCausalLM` does): Llama's
 * layers with biases of queries, keys and values.
 */
export const qwen2: Family = (reader) => {
  const defaults = {modelType: 'qwen2', maxPositions: 32_768, isTied: false};
  const config = readDecoderConfig(reader, defaults);
  const {hiddenSize, layers, heads, keyValueHeads, headSize} = config;
  reader.same('hidden_act', 'silu');
  reader.same('use_mrope', false);
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
      ...attentionShapes(`${layer}.self_attn`, config, {input: true, output: false}),
      [`${layer}.post_attention_layernorm.weight`, [hiddenSize]],
      ...gatedShapes(`${layer}.mlp`, config),
    ]),
    embed: ({ids}, verbs) => verbs.embed(ids, 'model.embed_tokens'),
    blocks: eachLayer('model.layers', layers, (layer, at) => [
      residual((x, verbs) => {
        const before = verbs.normalise(x, `${layer}.input_layernorm`, norm);
        const q = verbs.project(before, `${layer}.self_attn.q_proj`);
        const k = verbs.project(before, `${layer}.self_attn.k_proj`);
        const v = verbs.project(before, `${layer}.self_attn.v_proj`);
        const seen = verbs.attend([q, k, v], `${layer}.self_attn`, isSliding[at] ? sliding : full);
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
