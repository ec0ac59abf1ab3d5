import * as tf from '@tensorflow/tfjs-core';
import type {Block, Stack} from './architecture.js';
import {gatherRows} from './ops/gather-rows.js';
import type {Tokens, TokenVerbs, Verbs} from './verbs.js';

/** How a block is run; a decorator of blocks is a function of this type. */
export type RunBlock = (block: Block, x: tf.Tensor2D) => tf.Tensor2D;

/** What a pass over a stack is made with. */
export interface Pass {
  tokens: Tokens;
  verbs: Verbs;
  /** What the embeddings of the tokens become before anything is added to them, with a prompt. Default: as they are. */
  ahead?: ((embedded: tf.Tensor2D) => tf.Tensor2D) | undefined;
  /** The tokens whose hidden state is wanted, where not all are: [n] int32. The last block skips the others. */
  wanted?: tf.Tensor1D | undefined;
  /** Default: as it is. */
  runBlock?: RunBlock | undefined;
}

/**
 * From token ids to the hidden states that the output layer reads.
 *
 * @returns [tokens or wanted, hiddenSize]
 */
export function forward({embed, blocks, finish}: Stack, {tokens, verbs, ahead, wanted, runBlock}: Pass): tf.Tensor2D {
  let x = embed(tokens, ahead ? withAhead(verbs, tokens.ids, ahead) : verbs);
  for (const [i, block] of blocks.entries()) {
    if (wanted && i === blocks.length - 1) x = gatherRows(x, wanted);
    x = runBlock ? runBlock(block, x) : runFreely(block, x, verbs);
  }
  return finish(x, verbs);
}

/**
 * Frees what a block was given and what it made but its result, where no backward pass will want it: all blocks together
 * make many times what one does.
 */
function runFreely(block: Block, x: tf.Tensor2D, verbs: Verbs): tf.Tensor2D {
  if (tf.engine().state.gradientDepth > 0) return block(x, verbs);
  const result = tf.tidy(() => block(x, verbs));
  if (result !== x) x.dispose();
  return result;
}

/** Verbs for which the embeddings of these tokens are what this makes of them. */
function withAhead(verbs: TokenVerbs, tokens: tf.Tensor1D, ahead: (embedded: tf.Tensor2D) => tf.Tensor2D): TokenVerbs {
  return {
    ...verbs,
    embed: (ids, name, scale) => {
      const embedded = verbs.embed(ids, name, scale);
      return ids === tokens ? ahead(embedded) : embedded;
    },
  };
}
