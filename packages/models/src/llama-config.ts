import {cut, isObject, show} from '@subset-tuning/checks';
import {HARMLESS, NEUTRAL} from './config-attributes.js';

/** The shape of a Llama-style decoder, from a Hugging Face `config.json` (`LlamaConfig`). */
export interface LlamaConfig {
  vocabularySize: number;
  hiddenSize: number;
  /** Width inside the gated feed-forward network. */
  intermediateSize: number;
  layers: number;
  heads: number;
  /** Key and value heads; each serves heads / keyValueHeads query heads. */
  keyValueHeads: number;
  headSize: number;
  /** The longest sequence, prompt and answer together. */
  maxPositions: number;
  rmsNormEps: number;
  /** Base of the rotary frequencies. */
  ropeTheta: number;
  /** The tokens that end an answer. */
  eosTokenIds: readonly number[];
}

/** Parameters that a model may have: 4 GiB of float32. */
const MAX_PARAMETERS = 2 ** 30;

/**
 * Reads a `config.json` and refuses what this family does not compute: another architecture, biases, scaled rotary
 * embeddings, another activation, an output layer of its own, quantized weights. Attributes that are not known here are
 * named in a warning.
 *
 * @param json The parsed file, from anyone.
 * @param name What errors call it.
 */
export function parseLlamaConfig(json: unknown, name = 'config.json'): LlamaConfig {
  if (!isObject(json)) throw new Error(`${name} is not a JSON object`);
  const fields = new Map<string, unknown>(Object.entries(json));
  const fail = (key: string, value: unknown, expected: string): never => {
    throw new Error(`${name}: ${key} is ${show(value)}, expected ${expected}`);
  };
  const known = new Set<string>(HARMLESS);
  const read = (key: string): unknown => {
    known.add(key);
    return fields.get(key);
  };
  const same = (key: string, expected: unknown, missing: unknown = expected): void => {
    const value = read(key) ?? missing;
    if (value !== expected) fail(key, value, show(expected));
  };
  const count = (key: string, most: number, missing?: number): number => {
    const value = read(key) ?? missing;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
    return fail(key, value, `a whole number from 1 to ${most}`);
  };
  const positive = (key: string, value: unknown): number => {
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
    return fail(key, value, 'a number above 0');
  };

  same('model_type', 'llama', null);
  same('hidden_act', 'silu');
  same('attention_bias', false);
  same('mlp_bias', false);
  if (read('tie_word_embeddings') === undefined) fail('tie_word_embeddings', undefined, 'true: the default is false');
  same('tie_word_embeddings', true, false);
  for (const [key, is] of Object.entries(NEUTRAL)) {
    const value = read(key);
    if (value !== undefined && !is(value)) fail(key, value, 'none: this is not computed here');
  }
  const vocabularySize = count('vocab_size', 2 ** 24);
  const heads = count('num_attention_heads', 1024);
  const hiddenSize = count('hidden_size', 2 ** 16);
  const config: LlamaConfig = {
    vocabularySize,
    hiddenSize,
    intermediateSize: count('intermediate_size', 2 ** 18),
    layers: count('num_hidden_layers', 1024),
    heads,
    keyValueHeads: count('num_key_value_heads', 1024, heads),
    headSize: count('head_dim', 1024, hiddenSize / heads),
    maxPositions: count('max_position_embeddings', 2 ** 24, 2048),
    rmsNormEps: positive('rms_norm_eps', read('rms_norm_eps') ?? 1e-6),
    ropeTheta: positive('rope_theta', ropeTheta(read, fail)),
    eosTokenIds: [read('eos_token_id') ?? []].flat().map((id) => {
      if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < vocabularySize) return id;
      return fail('eos_token_id', id, 'token ids below vocab_size');
    }),
  };
  if (config.heads % config.keyValueHeads !== 0) {
    fail('num_key_value_heads', config.keyValueHeads, `a divisor of num_attention_heads, ${heads}`);
  }
  if (config.headSize % 2 !== 0) fail('head_dim', config.headSize, 'an even number');
  const parameters = parameterCount(config);
  if (parameters > MAX_PARAMETERS) {
    throw new Error(`${name} describes ${parameters} parameters, expected at most ${MAX_PARAMETERS}`);
  }
  const unknown = Object.keys(json).filter((key) => !known.has(key));
  if (unknown.length > 0) {
    console.warn(`${name}: attributes that are not known here, and ignored: ${cut(unknown.slice(0, 20).join(', '))}`);
  }
  return config;
}

/** transformers 5 keeps the base in `rope_parameters`, transformers 4 beside a `rope_scaling` that may be null. */
function ropeTheta(
  read: (key: string) => unknown,
  fail: (key: string, value: unknown, expected: string) => never,
): unknown {
  let theta = read('rope_theta');
  for (const key of ['rope_parameters', 'rope_scaling']) {
    const value = read(key) ?? {};
    if (!isObject(value) || !isDefaultRope(value)) return fail(key, value, 'the default rotary embedding');
    theta = value.rope_theta ?? theta;
  }
  return theta ?? 10_000;
}

/** Whether a rotary embedding turns all of each head by unscaled positions: what is here besides would change it. */
function isDefaultRope({
  rope_theta: _,
  rope_type,
  type,
  factor,
  partial_rotary_factor,
  ...more
}: Record<string, unknown>) {
  const kind = rope_type ?? type ?? 'default';
  const isUnscaled = kind === 'default' || (kind === 'linear' && factor === 1);
  const isWhole = (partial_rotary_factor ?? 1) === 1;
  return isUnscaled && isWhole && (factor ?? 1) === 1 && Object.values(more).every((value) => value === null);
}

/** The tensors of a checkpoint with their shapes. Matrices are [out, in], as PyTorch's `Linear` keeps them. */
export function weightShapes(config: LlamaConfig): Map<string, number[]> {
  const {hiddenSize: hidden, intermediateSize: inner, headSize} = config;
  const shapes = new Map<string, number[]>([['model.embed_tokens.weight', [config.vocabularySize, hidden]]]);
  for (let layer = 0; layer < config.layers; layer++) {
    for (const [name, shape] of [
      ['input_layernorm', [hidden]],
      ['self_attn.q_proj', [config.heads * headSize, hidden]],
      ['self_attn.k_proj', [config.keyValueHeads * headSize, hidden]],
      ['self_attn.v_proj', [config.keyValueHeads * headSize, hidden]],
      ['self_attn.o_proj', [hidden, config.heads * headSize]],
      ['post_attention_layernorm', [hidden]],
      ['mlp.gate_proj', [inner, hidden]],
      ['mlp.up_proj', [inner, hidden]],
      ['mlp.down_proj', [hidden, inner]],
    ] as const) {
      shapes.set(`model.layers.${layer}.${name}.weight`, [...shape]);
    }
  }
  return shapes.set('model.norm.weight', [hidden]);
}

/** How many parameters a model of this shape has. */
export function parameterCount(config: LlamaConfig): number {
  let parameters = 0;
  for (const shape of weightShapes(config).values()) parameters += shape.reduce((product, size) => product * size, 1);
  return parameters;
}
