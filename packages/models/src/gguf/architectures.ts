import {anything, type Kind, typedArray} from '@subset-tuning/checks';
import type {Gguf} from '@subset-tuning/gguf';
import type {ArchitectureKeys} from './architecture-keys.js';
import {COUNT} from './field.js';
import {rotaryJson} from './rotary-json.js';

/** What of a file says how its model is made. */
export interface Described {
  keys: ArchitectureKeys;
  tensors: Gguf['tensors'];
  /** What divides the rotary frequencies, where a tensor says it. */
  factors?: readonly number[];
}

/** A `config.json`. */
export interface ConfigJson extends Record<string, unknown> {
  /** The family. */
  model_type: string;
}

/** How the keys of llama.cpp's architectures become the attributes of our families. */
export const ARCHITECTURES: Readonly<Record<string, (from: Described) => ConfigJson>> = {
  llama: (from) => ({
    ...{model_type: 'llama', ...decoderJson(from), rope_parameters: rotaryJson(from.keys, from.factors)},
    ...{attention_bias: hasBias(from, 'attn_q'), mlp_bias: hasBias(from, 'ffn_gate')},
  }),
  qwen2: (from) => ({model_type: 'qwen2', ...decoderJson(from), rope_parameters: rotaryJson(from.keys)}),
  qwen3: (from) => ({
    ...{model_type: 'qwen3', ...decoderJson(from), rope_parameters: rotaryJson(from.keys)},
    attention_bias: hasBias(from, 'attn_q'),
  }),
  gemma3: gemma3Json,
  gpt2: gpt2Json,
};

function hasBias({tensors}: Described, part: string): boolean {
  return tensors.has(`blk.0.${part}.bias`);
}

/** What Llama and its kin have in common. */
function decoderJson({keys}: Described) {
  const heads = keys.count('attention.head_count');
  const hiddenSize = keys.count('embedding_length');
  // Where keys or values were of another size than queries, or only a part of each head turned by its position.
  const headSize = keys.count('attention.key_length', Math.floor(hiddenSize / heads));
  keys.same('attention.value_length', headSize);
  keys.same('rope.dimension_count', headSize);
  return {
    num_attention_heads: heads,
    num_key_value_heads: keys.count('attention.head_count_kv', heads),
    hidden_size: hiddenSize,
    head_dim: headSize,
    max_position_embeddings: keys.count('context_length'),
    num_hidden_layers: keys.count('block_count'),
    intermediate_size: keys.count('feed_forward_length'),
    rms_norm_eps: keys.get('attention.layer_norm_rms_epsilon'),
  };
}

/** Layers of Gemma 3 with 27 billion parameters, by which llama.cpp tells it from others. */
const LAYERS_OF_27B = 62;
/** One layer of so many looks back all the way, where a file does not say which. */
const PERIOD = 6;
const PATTERN: Kind = {
  expected: 'a whole number ≥ 0 or a list of truth values',
  is: (value) => COUNT.is(value) || typedArray('Uint8Array').is(value),
};

function gemma3Json(from: Described): ConfigJson {
  const {keys} = from;
  const json = decoderJson(from);
  const layers = json.num_hidden_layers;
  const window = keys.count('attention.sliding_window', 0);
  const pattern = keys.get<number | bigint | Uint8Array>('attention.sliding_window_pattern', PATTERN, PERIOD);
  if (pattern instanceof Uint8Array && pattern.length !== layers) {
    keys.fail('attention.sliding_window_pattern', pattern, `${layers} truth values, one a layer`);
  }
  const isSliding = (layer: number) => {
    if (pattern instanceof Uint8Array) return pattern[layer] === 1;
    return Number(pattern) === 0 || layer % Number(pattern) < Number(pattern) - 1;
  };
  const size = layers === LAYERS_OF_27B ? json.hidden_size / json.num_attention_heads : json.head_dim;
  return {
    ...{model_type: 'gemma3_text', ...json, attention_bias: hasBias(from, 'attn_q')},
    query_pre_attn_scalar: size,
    sliding_window: window || null,
    layer_types: Array.from({length: layers}, (_, layer) =>
      window > 0 && isSliding(layer) ? 'sliding_attention' : 'full_attention',
    ),
    // What is scaled is the full layers' alone.
    rope_parameters: {
      full_attention: rotaryJson(keys),
      sliding_attention: {rope_theta: keys.get('rope.freq_base_swa', anything, 10_000)},
    },
  };
}

function gpt2Json({keys}: Described): ConfigJson {
  const heads = keys.count('attention.head_count');
  keys.same('attention.head_count_kv', heads);
  return {
    model_type: 'gpt2',
    n_head: heads,
    n_embd: keys.count('embedding_length'),
    n_layer: keys.count('block_count'),
    n_inner: keys.count('feed_forward_length'),
    n_positions: keys.count('context_length'),
    layer_norm_epsilon: keys.get('attention.layer_norm_epsilon'),
  };
}
