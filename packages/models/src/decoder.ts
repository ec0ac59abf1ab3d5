import * as tf from '@tensorflow/tfjs-core';
import type {LlamaConfig} from './llama-config.js';
import {gatherRows} from './ops/gather-rows.js';
import {rmsNorm} from './ops/rms-norm.js';
import {swiglu} from './ops/swiglu.js';

/** A decoder's weights by checkpoint name. */
export type Weights = ReadonlyMap<string, tf.Tensor>;

/** What training and generation do each in their own way. */
export interface Pass {
  /** x·Wᵀ, x [n, in], W the weight [out, in] of this name. */
  project(x: tf.Tensor2D, name: string): tf.Tensor2D;
  /** Self-attention of this layer, before its output projection. All [tokens, heads · headSize]. */
  attend(layer: number, qkv: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]): tf.Tensor2D;
  /** The tokens whose hidden state is wanted, where not all are: the last feed-forward network skips the others. */
  positions?: tf.Tensor1D | undefined;
}

/**
 * A Llama decoder (Touvron et al. 2023, arXiv 2302.13971; computes what transformers' `LlamaModel` does), from token
 * ids to the normalised hidden states that the output layer reads.
 *
 * @param ids [tokens] int32
 * @returns [tokens or positions, hiddenSize]
 */
export function decode(config: LlamaConfig, weights: Weights, ids: tf.Tensor1D, pass: Pass): tf.Tensor2D {
  const norm = (x: tf.Tensor2D, name: string) => rmsNorm(x, get(weights, name), config.rmsNormEps);
  let x = gatherRows(get(weights, EMBEDDINGS), ids);
  for (let layer = 0; layer < config.layers; layer++) {
    const name = (part: string) => `model.layers.${layer}.${part}.weight`;
    const project = (x: tf.Tensor2D, part: string) => pass.project(x, name(part));

    const before = norm(x, name('input_layernorm'));
    const seen = pass.attend(layer, [
      project(before, 'self_attn.q_proj'),
      project(before, 'self_attn.k_proj'),
      project(before, 'self_attn.v_proj'),
    ]);
    x = tf.add(x, project(seen, 'self_attn.o_proj'));

    if (pass.positions && layer === config.layers - 1) x = gatherRows(x, pass.positions);

    const between = norm(x, name('post_attention_layernorm'));
    const inner = swiglu(project(between, 'mlp.gate_proj'), project(between, 'mlp.up_proj'));
    x = tf.add(x, project(inner, 'mlp.down_proj'));
  }
  return norm(x, 'model.norm.weight');
}

/** The name of the token embeddings, which are the output layer too. */
export const EMBEDDINGS = 'model.embed_tokens.weight';

/** The weight of this name, of the rank that its place implies. Throws where it is disposed. */
export function get<T extends tf.Tensor>(weights: Weights, name: string): T {
  const weight = weights.get(name);
  if (!weight) throw new Error(`the model has no weight ${name}`);
  // Some backends compute on with whatever lies there now.
  if (weight.isDisposed) throw new Error(`the weight ${name} is disposed, expected the model to live on`);
  return weight as T; // loadModel has checked every shape
}
