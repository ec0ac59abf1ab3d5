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
 * embeddings, another activation, an output layer of its own.
 *
 * @param json The parsed file, from anyone.
 * @param name What errors call it.
 */
export function parseLlamaConfig(json: unknown, name = 'config.json'): LlamaConfig {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Error(`${name} is not a JSON object`);
  }
  const fields = new Map<string, unknown>(Object.entries(json));
  const fail = (key: string, value: unknown, expected: string): never => {
    throw new Error(`${name}: ${key} is ${JSON.stringify(value)?.slice(0, 100)}, expected ${expected}`);
  };
  const same = (key: string, expected: unknown, missing: unknown = expected): void => {
    const value = fields.get(key) ?? missing;
    if (value !== expected) fail(key, value, JSON.stringify(expected));
  };
  const count = (key: string, most: number, missing?: number): number => {
    const value = fields.get(key) ?? missing;
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
  same('tie_word_embeddings', true, false);
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
    rmsNormEps: positive('rms_norm_eps', fields.get('rms_norm_eps') ?? 1e-6),
    ropeTheta: positive('rope_theta', ropeTheta(fields, fail)),
    eosTokenIds: [fields.get('eos_token_id') ?? []].flat().map((id) => {
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
  return config;
}

/** transformers 5 keeps the base in `rope_parameters`, transformers 4 beside a `rope_scaling` that may be null. */
function ropeTheta(fields: Map<string, unknown>, fail: (key: string, value: unknown, expected: string) => never) {
  let theta = fields.get('rope_theta');
  for (const key of ['rope_parameters', 'rope_scaling']) {
    const value = fields.get(key) ?? {};
    const rope = new Map<string, unknown>(Object.entries(value));
    const type = rope.get('rope_type') ?? rope.get('type') ?? 'default';
    if (typeof value !== 'object' || type !== 'default') fail(key, value, 'the default rotary embedding');
    theta = rope.get('rope_theta') ?? theta;
  }
  return theta ?? 10_000;
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
