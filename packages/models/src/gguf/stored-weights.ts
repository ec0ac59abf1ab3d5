import {show} from '@subset-tuning/checks';
import type {ConfigJson} from './architectures.js';

/** A weight as llama.cpp stores it. */
export interface Stored {
  /** Its name there. */
  name: string;
  /** Its shape there. */
  shape: readonly number[];
  /** Makes the checkpoint's values of those, in place or not. */
  restore?(values: Float32Array): Float32Array;
}

/** What llama.cpp calls the tensors that are not of a layer. */
const NAMES: Readonly<Record<string, string>> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  'transformer.wte': 'token_embd',
  'transformer.wpe': 'position_embd',
  'transformer.ln_f': 'output_norm',
  lm_head: 'output',
};

/** What it calls those of a layer. */
const IN_LAYER: Readonly<Record<string, string>> = {
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
  ln_1: 'attn_norm',
  'attn.c_attn': 'attn_qkv',
  'attn.c_proj': 'attn_output',
  ln_2: 'ffn_norm',
  'mlp.c_fc': 'ffn_up',
  'mlp.c_proj': 'ffn_down',
};

/** Where Gemma 3, with norms behind its steps too, says otherwise. */
const IN_GEMMA_LAYER: Readonly<Record<string, string>> = {
  post_attention_layernorm: 'post_attention_norm',
  pre_feedforward_layernorm: 'ffn_norm',
  post_feedforward_layernorm: 'post_ffw_norm',
};

/** How a checkpoint's weight of this name and shape lies in a GGUF file. */
export function storedWeight(weight: string, shape: readonly number[], config: ConfigJson): Stored {
  const name = storedName(weight, config.model_type);
  if (config.model_type === 'llama') {
    const heads = weight.includes('.q_proj.')
      ? config.num_attention_heads
      : weight.includes('.k_proj.') && config.num_key_value_heads;
    if (heads) return {name, shape, restore: (values) => unpermute(values, shape[0], Number(heads))};
  }
  // Gemma's norms multiply by one more than the weight, which is added there.
  if (config.model_type === 'gemma3_text' && weight.endsWith('norm.weight')) {
    return {name, shape, restore: (values) => values.map((value) => value - 1)};
  }
  // OpenAI's matrices lie [in, out].
  if (config.model_type === 'gpt2' && /\.c_\w+\.weight$/.test(weight)) {
    return {name, shape: [shape[1], shape[0]], restore: (values) => transpose(values, shape)};
  }
  return {name, shape};
}

function storedName(weight: string, family: string): string {
  const [, layer, part, end] = /^(?:model\.layers|transformer\.h)\.(\d+)\.(.+)\.(weight|bias)$/.exec(weight) ?? [];
  if (part !== undefined) {
    const found = (family === 'gemma3_text' ? IN_GEMMA_LAYER[part] : undefined) ?? IN_LAYER[part];
    if (found) return `blk.${layer}.${found}.${end}`;
  }
  const [, whole, ending] = /^(.+)\.(weight|bias)$/.exec(weight) ?? [];
  if (whole !== undefined && NAMES[whole]) return `${NAMES[whole]}.${ending}`;
  throw new Error(`the weight ${show(weight)} has no name in a GGUF file`);
}

/**
 * Puts the rows of queries or keys back. A checkpoint has the first parts of a head's rotated pairs before all second
 * ones; llama.cpp has each pair's two rows side by side.
 */
function unpermute(rows: Float32Array, height: number, heads: number): Float32Array {
  const width = rows.length / height;
  const headSize = height / heads;
  const half = headSize / 2;
  const made = new Float32Array(rows.length);
  for (let head = 0; head < heads; head++) {
    for (let pair = 0; pair < half; pair++) {
      for (let part = 0; part < 2; part++) {
        const from = (head * headSize + 2 * pair + part) * width;
        made.set(rows.subarray(from, from + width), (head * headSize + part * half + pair) * width);
      }
    }
  }
  return made;
}

/** A matrix of this shape, of its columns laid end to end. */
function transpose(columns: Float32Array, [height, width]: readonly number[]): Float32Array {
  const made = new Float32Array(columns.length);
  for (let column = 0; column < width; column++) {
    for (let row = 0; row < height; row++) made[row * width + column] = columns[column * height + row];
  }
  return made;
}
