const isNone = (value: unknown): boolean => value === null || value === false;
const isOne = (value: unknown): boolean => value === null || value === 1;

/**
 * Attributes of a `config.json` that change what a model computes, and the values that do not: for the families that do
 * not read them, as others have them and merged or converted checkpoints bring them along.
 */
export const NEUTRAL: Readonly<Record<string, (value: unknown) => boolean>> = {
  quantization_config: isNone,
  compression_config: isNone,
  auto_map: isNone, // code of its own
  // Positions.
  partial_rotary_factor: isOne,
  rotary_pct: isOne,
  rope_interleaved: isNone,
  use_rope: (value) => value === null || value === true,
  alibi: isNone,
  use_alibi: isNone,
  no_rope_layers: isNone,
  no_rope_layer_interval: isNone,
  // Attention.
  sliding_window: isNone,
  use_sliding_window: isNone,
  layer_types: (value) => value === null || (Array.isArray(value) && value.every((type) => type === 'full_attention')),
  attention_chunk_size: isNone,
  attn_logit_softcapping: isNone,
  query_pre_attn_scalar: isNone,
  attention_multiplier: isNone,
  qk_norm: isNone,
  use_qk_norm: isNone,
  qk_layernorm: isNone,
  clip_qkv: isNone,
  qkv_bias: isNone,
  use_bias: isNone,
  bias: isNone,
  add_cross_attention: isNone,
  is_encoder_decoder: isNone,
  // Scales.
  embedding_multiplier: isOne,
  residual_multiplier: isOne,
  logits_scaling: isOne,
  logit_scale: isOne,
  final_logit_softcapping: isNone,
  scale_emb: isOne,
  // Experts.
  num_experts: isNone,
  num_local_experts: isNone,
  n_routed_experts: isNone,
};

/** Attributes that say nothing about what a model computes, in any family. */
export const HARMLESS: readonly string[] = [
  ...[
    '_name_or_path',
    '_model_name_or_path',
    'name_or_path',
    'architectures',
    'transformers_version',
    'transformers.js_config',
    'dtype',
  ],
  ...['torch_dtype', 'is_llama_config', 'unsloth_version', 'unsloth_fixed', '_attn_implementation_autoset'],
  ...['use_cache', 'pretraining_tp', 'initializer_range', 'attention_dropout', 'hidden_dropout', 'use_bfloat16'],
  ...[
    'bos_token_id',
    'pad_token_id',
    'unk_token_id',
    'sep_token_id',
    'decoder_start_token_id',
    'tokenizer_class',
    'pad_token',
  ],
  ...['return_dict', 'output_hidden_states', 'output_attentions', 'torchscript', 'pruned_heads', 'tie_encoder_decoder'],
  ...['is_decoder', 'cross_attention_hidden_size', 'chunk_size_feed_forward', 'id2label', 'label2id', 'num_labels'],
  ...['problem_type', 'finetuning_task', 'task_specific_params', 'prefix', 'tf_legacy_loss', 'max_sequence_length'],
  // How transformers 4 would generate.
  ...['max_length', 'min_length', 'do_sample', 'early_stopping', 'num_beams', 'num_beam_groups', 'diversity_penalty'],
  ...['temperature', 'top_k', 'top_p', 'typical_p', 'repetition_penalty', 'length_penalty', 'no_repeat_ngram_size'],
  ...['encoder_no_repeat_ngram_size', 'bad_words_ids', 'num_return_sequences', 'output_scores'],
  ...['return_dict_in_generate', 'forced_bos_token_id', 'forced_eos_token_id', 'remove_invalid_values'],
  ...['exponential_decay_length_penalty', 'suppress_tokens', 'begin_suppress_tokens'],
];
