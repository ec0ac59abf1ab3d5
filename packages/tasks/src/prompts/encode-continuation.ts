import {trimEnd} from '../metrics/white-space.js';
import type {PairTokenizer} from '../translation-example.js';

/** A text and what follows it, in tokens. */
export interface EncodedContinuation {
  context: number[];
  continuation: number[];
}

/**
 * The tokens of a context and of its continuation, as lm-evaluation-harness 0.4.13 has them (`_encode_pair`): both are
 * encoded as one text, white space at the context's end counts to the continuation, and what the context alone has tokens
 * for is the context.
 *
 * @param special Whether the tokenizer adds what stands before every text. Default true.
 */
export function encodeContinuation(
  tokenizer: PairTokenizer,
  context: string,
  continuation: string,
  special = true,
): EncodedContinuation {
  const given = trimEnd(context);
  const encode = (text: string) => tokenizer.encode(text, {addSpecialTokens: special});
  const before = encode(given);
  return {context: before, continuation: encode(context + continuation).slice(before.length)};
}
