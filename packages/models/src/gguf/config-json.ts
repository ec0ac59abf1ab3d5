import {anything, oneOf, optional, show} from '@subset-tuning/checks';
import type {Gguf} from '@subset-tuning/gguf';
import {COUNT, type Fields, field, TEXTS, whatOf} from './field.js';

/** Keys that a configuration needs, without `llama.`, and what `config.json` calls them. */
const COUNTS: Readonly<Record<string, string>> = {
  context_length: 'max_position_embeddings',
  embedding_length: 'hidden_size',
  block_count: 'num_hidden_layers',
  feed_forward_length: 'intermediate_size',
};

const isZero = (value: unknown): boolean => Number(value) === 0;
const isOne = (value: unknown): boolean => Number(value) === 1;

/** Keys that would change what a model computes, and the values that do not. */
const NEUTRAL: Readonly<Record<string, (value: unknown) => boolean>> = {
  'rope.scaling.type': (value) => value === 'none',
  'rope.scaling.factor': isOne,
  'rope.scale_linear': isOne,
  expert_count: isZero,
  expert_used_count: isZero,
};

/** A `config.json`, of which some attributes say how rows were laid out. */
export interface ConfigJson extends Record<string, unknown> {
  num_attention_heads: number;
  num_key_value_heads: number;
}

/**
 * The `config.json` that a GGUF file's metadata stand for.
 *
 * @throws where the architecture is another than `llama`, or a key of it is not known here.
 */
export function configJson(fields: Fields, tensors: Gguf['tensors']): ConfigJson {
  const architecture = field<string>(fields, 'general.architecture', oneOf(['llama']));
  const known = new Set<string>();
  const read = <Value>(key: string, kind = anything, missing?: Value): Value => {
    known.add(key);
    return field(fields, `${architecture}.${key}`, kind, missing);
  };
  const heads = Number(read('attention.head_count', COUNT));
  const json: ConfigJson = {
    model_type: 'llama',
    tie_word_embeddings: !tensors.has('output.weight'),
    num_attention_heads: heads,
    num_key_value_heads: Number(read('attention.head_count_kv', COUNT, heads)),
  };
  for (const [key, name] of Object.entries(COUNTS)) json[name] = Number(read(key, COUNT));
  json.rms_norm_eps = read('attention.layer_norm_rms_epsilon');
  json.rope_theta = read('rope.freq_base', anything, 10_000);
  json.vocab_size = Number(read('vocab_size', COUNT, field<string[]>(fields, 'tokenizer.ggml.tokens', TEXTS).length));
  // Where keys or values were of another size than queries, or only a part of each head turned by its position.
  const headSize = Number(read('attention.key_length', COUNT, Math.floor(Number(json.hidden_size) / heads)));
  json.head_dim = headSize;
  for (const key of ['attention.value_length', 'rope.dimension_count']) {
    const value = Number(read(key, COUNT, headSize));
    if (value !== headSize) throw new Error(`${whatOf(fields.name, `llama.${key}`)} is ${value}, expected ${headSize}`);
  }
  json.eos_token_id = ['eos', 'eot'].flatMap((name) => {
    const id = field<number | bigint | undefined>(fields, `tokenizer.ggml.${name}_token_id`, optional(COUNT));
    return id === undefined ? [] : Number(id);
  });
  for (const [key, value] of fields.metadata) {
    const own = key.startsWith(`${architecture}.`) ? key.slice(architecture.length + 1) : undefined;
    if (own === undefined || known.has(own) || NEUTRAL[own]?.(value)) continue;
    throw new Error(`${whatOf(fields.name, key)} is ${show(value)}, expected none: this is not computed here`);
  }
  return json;
}
