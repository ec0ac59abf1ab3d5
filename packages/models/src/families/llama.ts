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

/**
 * Llama 1 to 3, SmolLM2, TinyLlama (Touvron et al. 2023, arXiv 2302.13971; computes what transformers'
 * `LlamaForCausalLM` does).
 */
export const llama: Family = (reader) => {
  const defaults = {modelType: 'llama', maxPositions: 2048, keyValueHeads: 'heads', isTied: false} as const;
  const config = readDecoderConfig(reader, defaults);
  const {hiddenSize, heads, keyValueHeads, headSize} = config;
  reader.same('hidden_act', 'silu');
  const hasAttentionBias = reader.flag('attention_bias', false);
  const hasMlpBias = reader.flag('mlp_bias', false);
  const norm: Norm = {kind: 'rms', epsilon: reader.positive('rms_norm_eps', 1e-6)};
  const rotary = readRotary(reader, headSize);
  const attention: Attention = {heads, keyValueHeads, headSize, scale: 1 / Math.sqrt(headSize), rotary};

  return {
    ...decoderEnds(config),
    config,
    shapes: decoderShapes(config, (layer) => [
      [`${layer}.input_layernorm.weight`, [hiddenSize]],
      ...attentionShapes(`${layer}.self_attn`, config, {input: hasAttentionBias, output: hasAttentionBias}),
      [`${layer}.post_attention_layernorm.weight`, [hiddenSize]],
      ...gatedShapes(`${layer}.mlp`, config, hasMlpBias),
    ]),
    embed: ({ids}, verbs) => verbs.embed(ids, 'model.embed_tokens'),
    blocks: eachLayer('model.layers', config.layers, (layer) => [
      residual((x, verbs) => {
        const before = verbs.normalise(x, `${layer}.input_layernorm`, norm);
        const q = verbs.project(before, `${layer}.self_attn.q_proj`);
        const k = verbs.project(before, `${layer}.self_attn.k_proj`);
        const v = verbs.project(before, `${layer}.self_attn.v_proj`);
        const seen = verbs.attend([q, k, v], `${layer}.self_attn`, attention);
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
