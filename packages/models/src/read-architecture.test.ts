import * as tf from '@tensorflow/tfjs';
import {describe, expect, it} from 'vitest';
import type {Architecture} from './architecture.js';
import {listModels} from './list-models.js';
import {parameterCount, readArchitecture} from './read-architecture.js';
import type {Attention, Verbs} from './verbs.js';

// The configs of published checkpoints, as they lie beside their weights, and how many parameters those have.

const LLAMA = {
  ...{
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
  },
  ...{attention_dropout: 0, initializer_range: 0.02, pretraining_tp: 1, rms_norm_eps: 1e-5, use_cache: true},
  ...{torch_dtype: 'bfloat16', bos_token_id: 1, eos_token_id: 2},
};
const SMOLLM2 = {
  ...{...LLAMA, is_llama_config: true, hidden_size: 576, intermediate_size: 1536, max_position_embeddings: 8192},
  ...{num_attention_heads: 9, num_hidden_layers: 30, num_key_value_heads: 3, pad_token_id: 2, rope_interleaved: false},
  ...{rope_scaling: null, rope_theta: 100000, tie_word_embeddings: true, vocab_size: 49152},
  ...{'transformers.js_config': {kv_cache_dtype: {q4f16: 'float16'}}, transformers_version: '4.42.3'},
};
const LLAMA_3_2_1B = {
  ...{...LLAMA, head_dim: 64, hidden_size: 2048, intermediate_size: 8192, max_position_embeddings: 131072},
  ...{num_attention_heads: 32, num_hidden_layers: 16, num_key_value_heads: 8, rope_theta: 500000, vocab_size: 128256},
  rope_scaling: {
    ...{
      factor: 32,
      high_freq_factor: 4,
      low_freq_factor: 1,
      original_max_position_embeddings: 8192,
      rope_type: 'llama3',
    },
  },
  ...{eos_token_id: [128001, 128008, 128009], tie_word_embeddings: true},
};
const TINY_LLAMA = {
  ...{...LLAMA, hidden_size: 2048, intermediate_size: 5632, max_position_embeddings: 2048, num_attention_heads: 32},
  ...{num_hidden_layers: 22, num_key_value_heads: 4, rope_scaling: null, rope_theta: 10000, tie_word_embeddings: false},
  vocab_size: 32000,
};
const QWEN = {
  ...{attention_dropout: 0, bos_token_id: 151643, eos_token_id: 151645, hidden_act: 'silu', initializer_range: 0.02},
  ...{rms_norm_eps: 1e-6, rope_theta: 1e6, tie_word_embeddings: true, torch_dtype: 'bfloat16', use_cache: true},
  ...{use_sliding_window: false, vocab_size: 151936},
};
const QWEN_2_5_500M = {
  ...{...QWEN, architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2', hidden_size: 896, intermediate_size: 4864},
  ...{max_position_embeddings: 32768, max_window_layers: 21, num_attention_heads: 14, num_hidden_layers: 24},
  ...{num_key_value_heads: 2, sliding_window: 32768},
};
const QWEN_3_600M = {
  ...{...QWEN, architectures: ['Qwen3ForCausalLM'], model_type: 'qwen3', attention_bias: false, head_dim: 128},
  ...{hidden_size: 1024, intermediate_size: 3072, max_position_embeddings: 40960, max_window_layers: 28},
  ...{num_attention_heads: 16, num_hidden_layers: 28, num_key_value_heads: 8, rope_scaling: null, sliding_window: null},
};
const GPT2 = {
  ...{activation_function: 'gelu_new', architectures: ['GPT2LMHeadModel'], model_type: 'gpt2', attn_pdrop: 0.1},
  ...{bos_token_id: 50256, embd_pdrop: 0.1, eos_token_id: 50256, initializer_range: 0.02, layer_norm_epsilon: 1e-5},
  ...{n_ctx: 1024, n_embd: 768, n_head: 12, n_layer: 12, n_positions: 1024, resid_pdrop: 0.1, summary_activation: null},
  ...{summary_first_dropout: 0.1, summary_proj_to_labels: true, summary_type: 'cls_index', summary_use_proj: true},
  ...{task_specific_params: {'text-generation': {do_sample: true, max_length: 50}}, vocab_size: 50257},
};
const GEMMA_3 = {
  ...{architectures: ['Gemma3ForCausalLM'], model_type: 'gemma3_text', attention_bias: false, attention_dropout: 0},
  ...{attn_logit_softcapping: null, bos_token_id: 2, cache_implementation: 'hybrid', final_logit_softcapping: null},
  ...{head_dim: 256, hidden_activation: 'gelu_pytorch_tanh', initializer_range: 0.02, max_position_embeddings: 32768},
  ...{num_attention_heads: 4, num_key_value_heads: 1, pad_token_id: 0, query_pre_attn_scalar: 256, rms_norm_eps: 1e-6},
  ...{rope_local_base_freq: 10000, rope_scaling: null, rope_theta: 1e6, sliding_window: 512, vocab_size: 262144},
};
const GEMMA_3_1B = {
  ...{...GEMMA_3, eos_token_id: [1, 106], hidden_size: 1152, intermediate_size: 6912, num_hidden_layers: 26},
  sliding_window_pattern: 6,
};
const GEMMA_3_270M = {
  ...{...GEMMA_3, eos_token_id: 1, hidden_size: 640, intermediate_size: 2048, num_hidden_layers: 18},
  ...{_sliding_window_pattern: 6, use_bidirectional_attention: false},
  layer_types: Array.from({length: 18}, (_, at) => (at % 6 === 5 ? 'full_attention' : 'sliding_attention')),
};

/** The kinds of attention that an architecture's blocks ask for. */
function attentionsOf({blocks}: Architecture): Attention[] {
  const kinds = new Set<Attention>();
  const verbs: Verbs = {
    embed: () => tf.zeros([1, 256]),
    project: (x) => x,
    normalise: (x) => x,
    attend: ([q], _, kind) => {
      kinds.add(kind);
      return q;
    },
    attendToSource: (q) => q,
  };
  tf.tidy(() => {
    for (const block of blocks) block(tf.zeros([1, 256]), verbs);
  });
  return [...kinds];
}

/** How many weights the list says that a model has, where it lists it. */
const listed = (name: string) => listModels().find(({id}) => id === name || id.endsWith(`/${name}`))?.parameters;

describe('readArchitecture', () => {
  it.each<[string, object, number]>([
    ['SmolLM2-135M-Instruct', SMOLLM2, 134_515_008],
    ['Llama-3.2-1B', LLAMA_3_2_1B, 1_235_814_400],
    ['TinyLlama-1.1B', TINY_LLAMA, 1_100_048_384],
    ['Qwen2.5-0.5B-Instruct', QWEN_2_5_500M, 494_032_768],
    ['Qwen3-0.6B', QWEN_3_600M, 596_049_920],
    ['gpt2', GPT2, 124_439_808],
    ['gemma-3-270m', GEMMA_3_270M, 268_098_176],
    ['gemma-3-1b-it', GEMMA_3_1B, 999_885_952],
  ])('reads the config of %s', (name, config, parameters) => {
    expect(parameterCount(readArchitecture(config))).toBe(parameters);
    expect([parameters, undefined]).toContain(listed(name));
  });

  it('reads positions alike, as transformers 4 says them and as transformers 5 does', () => {
    const {rope_theta: _, rope_local_base_freq: __, rope_scaling: ___, ...rest} = GEMMA_3_1B;
    const linear = {rope_type: 'linear', factor: 8};
    const rope_parameters = {
      full_attention: {...linear, rope_theta: 1e6},
      sliding_attention: {rope_type: 'default', rope_theta: 1e4},
    };
    const four = readArchitecture({...GEMMA_3_1B, rope_scaling: linear});
    const kinds = attentionsOf(four);
    expect(kinds).toEqual(attentionsOf(readArchitecture({...rest, rope_parameters})));
    expect(kinds).toMatchObject([
      {rotary: expect.arrayContaining([1, 1e4 ** (-1 / 128)]), window: 512},
      {rotary: expect.arrayContaining([1 / 8, 1e6 ** (-1 / 128) / 8])},
    ]);
    const {rope_theta, rope_scaling: ____, ...llama} = SMOLLM2;
    const five = readArchitecture({...llama, rope_parameters: {rope_type: 'default', rope_theta}});
    expect(attentionsOf(five)).toEqual(attentionsOf(readArchitecture(SMOLLM2)));
    expect(attentionsOf(five)).toMatchObject([{rotary: expect.arrayContaining([1, 1e5 ** (-1 / 32)])}]);
  });

  it.each<[string, object, object, string]>([
    ['experts', QWEN_3_600M, {num_experts: 128}, 'num_experts is 128, expected none'],
    ['other positions', QWEN_2_5_500M, {use_mrope: true}, 'use_mrope is true, expected false'],
    [
      'a window of layers that have none',
      QWEN_2_5_500M,
      {layer_types: Array(24).fill('sliding_attention')},
      'sliding_window is 32768, expected use_sliding_window',
    ],
    ['too few kinds of layers', QWEN_3_600M, {layer_types: ['full_attention']}, 'expected a list of 28, one a layer'],
    [
      'an unknown kind of layer',
      QWEN_3_600M,
      {layer_types: Array(28).fill('chunked_attention')},
      'expected full_attention and sliding_attention alone',
    ],
    [
      'no number of key heads',
      QWEN_2_5_500M,
      {num_key_value_heads: null},
      'num_key_value_heads is undefined, expected',
    ],
    [
      'another activation',
      GPT2,
      {activation_function: 'relu'},
      'activation_function is "relu", expected "gelu_new" or',
    ],
    ['heads that do not divide', GPT2, {n_head: 7}, 'n_head is 7, expected a divisor of n_embd, 768'],
    ['cross-attention', GPT2, {add_cross_attention: true}, 'add_cross_attention is true, expected none'],
    ['softened scores', GEMMA_3_1B, {attn_logit_softcapping: 50}, 'attn_logit_softcapping is 50, expected none'],
    ['eyes in both directions', GEMMA_3_1B, {use_bidirectional_attention: true}, 'expected false'],
    [
      'positions of another kind of layer',
      GEMMA_3_1B,
      {rope_parameters: {full_attention: {}, chunked_attention: {}}},
      'expected full_attention and sliding_attention alone, and no rope_scaling',
    ],
    [
      'scaled positions that are not known, of one kind of layer',
      GEMMA_3_1B,
      {rope_parameters: {full_attention: {rope_type: 'yarn'}}},
      'rope_parameters: full_attention is {"rope_type":"yarn"}, expected a default, linear or llama3',
    ],
    [
      'the kind of positions that GGUF files alone have, by any name',
      {...SMOLLM2, rope_theta: undefined, rope_scaling: undefined},
      {rope_parameters: {rope_type: 'factors', rope_theta: 1e4, factors: Array(32).fill(2)}},
      'rope_parameters is {"rope_type":"factors","rope_theta":10000,"factors":[2,2,2,2,2,2,2,2,2,2,…]}, expected a default, linear or llama3',
    ],
    [
      'it in the words of transformers 4',
      SMOLLM2,
      {rope_scaling: {type: 'factors', factors: Array(32).fill(2)}},
      'expected a default, linear or llama3 rotary embedding',
    ],
    ["another family's attribute", GPT2, {rope_theta: 1e4}, 'attributes that are not known here: rope_theta; expected'],
  ])('refuses %s', (_, config, changes, message) => {
    expect(() => readArchitecture({...config, ...changes})).toThrow(message);
  });
});
