import {show} from '@subset-tuning/checks';
import {asFloat32, type Gguf} from '@subset-tuning/gguf';
import type {Weight} from '../weight.js';
import type {ConfigJson} from './config-json.js';

/** What llama.cpp calls the tensors that are not of a layer. */
const NAMES: Readonly<Record<string, string>> = {
  'model.embed_tokens.weight': 'token_embd.weight',
  'model.norm.weight': 'output_norm.weight',
  'lm_head.weight': 'output.weight',
};

/** What it calls those of a layer. */
const NAMES_IN_LAYER: Readonly<Record<string, string>> = {
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
};

/**
 * The weights of a GGUF file by their names in a checkpoint, if they are exactly those of these shapes.
 *
 * @param name What errors call the file.
 */
export function readGgufWeights(
  name: string,
  file: Gguf,
  shapes: ReadonlyMap<string, readonly number[]>,
  config: ConfigJson,
): Map<string, Weight> {
  const weights = new Map<string, Weight>();
  const taken = new Set<string>();
  for (const [weight, shape] of shapes) {
    const stored = storedName(weight);
    const found = file.tensors.get(stored);
    if (!found) throw new Error(`${name} has no tensor ${stored}, expected one of shape [${shape}]`);
    if (found.shape.join() !== shape.join()) {
      throw new Error(`${name}: ${stored} has the shape ${show(found.shape)}, expected [${shape}]`);
    }
    taken.add(stored);
    const heads = headsOf(weight, config);
    weights.set(weight, {
      shape,
      read: async () => {
        const values = asFloat32(await file.read(stored));
        return heads === undefined ? values : unpermute(values, shape, heads);
      },
    });
  }
  for (const stored of file.tensors.keys()) {
    if (!taken.has(stored)) throw new Error(`${name}: the tensor ${show(stored)} is no part of this model`);
  }
  return weights;
}

function storedName(weight: string): string {
  const [, layer, part] = /^model\.layers\.(\d+)\.(.+)\.weight$/.exec(weight) ?? [];
  const stored = part === undefined ? NAMES[weight] : `blk.${layer}.${NAMES_IN_LAYER[part]}.weight`;
  if (!stored) throw new Error(`the weight ${weight} has no name in a GGUF file`);
  return stored;
}

/** How many heads a weight has whose rows llama.cpp has in another order. */
function headsOf(weight: string, config: ConfigJson): number | undefined {
  if (weight.endsWith('.q_proj.weight')) return config.num_attention_heads;
  return weight.endsWith('.k_proj.weight') ? config.num_key_value_heads : undefined;
}

/**
 * Puts the rows of queries or keys back. A checkpoint has the first parts of a head's rotated pairs before all second
 * ones; llama.cpp has each pair's two rows side by side.
 */
function unpermute(rows: Float32Array, [height, width]: readonly number[], heads: number): Float32Array {
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
