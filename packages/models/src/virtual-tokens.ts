import {callable, checkFields, type Kinds, wholeNumber} from '@subset-tuning/checks';
import type * as tf from '@tensorflow/tfjs-core';
import type {Weights} from './weights.js';

/**
 * Virtual tokens that stand before those of each row and go through the blocks as they do (Lester et al. 2021, arXiv
 * 2104.08691).
 */
export interface Prompt {
  /** How many. */
  tokens: number;
  /** What they are embedded as, before positions are added: [tokens, hiddenSize]. */
  embed(weights: Weights): tf.Tensor2D;
}

/** Virtual tokens before each row's of which there are but keys and values (Li and Liang 2021, arXiv 2101.00190). */
export interface Prefix {
  /** How many. */
  tokens: number;
  /** Theirs in the self-attention of this name, each [tokens, keyValueHeads · headSize]. No position turns them. */
  attend(name: string, weights: Weights): [keys: tf.Tensor2D, values: tf.Tensor2D];
}

/** Virtual tokens, where there are any. A prefix stands before a prompt. */
export interface VirtualTokens {
  prompt?: Prompt | undefined;
  prefix?: Prefix | undefined;
}

const TOKENS = wholeNumber(1, 2 ** 24);
const PROMPT: Kinds<Prompt> = {tokens: TOKENS, embed: callable};
const PREFIX: Kinds<Prefix> = {tokens: TOKENS, attend: callable};

/** How many places they take. */
export function countVirtual({prompt, prefix}: VirtualTokens): number {
  return (prompt?.tokens ?? 0) + (prefix?.tokens ?? 0);
}

/** Throws unless these are virtual tokens. */
export function checkVirtual(what: string, {prompt, prefix}: VirtualTokens): void {
  if (prompt !== undefined) checkFields(`${what}: prompt`, prompt, PROMPT);
  if (prefix !== undefined) checkFields(`${what}: prefix`, prefix, PREFIX);
}
