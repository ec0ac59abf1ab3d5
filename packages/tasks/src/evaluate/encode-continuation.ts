import {show} from '@subset-tuning/checks';
import {trimEnd} from '../metrics/white-space.js';
import type {TextModel} from './evaluated-model.js';

/**
 * Context and continuation as token ids, as lm-evaluation-harness 0.4.13 has them: white space at the end of the context
 * goes to the continuation; both are encoded together, since a tokenizer may join them, and what follows as many tokens as
 * the context has alone is the continuation's. What a model has no place for is cut at the start. For a model of encoder
 * and decoder each is encoded by itself.
 *
 * @throws where the continuation has no token.
 */
export function encodeContinuation(
  {tokenizer, config}: TextModel,
  context: string,
  continuation: string,
  addSpecialTokens: boolean,
): [context: number[], continuation: number[]] {
  const [before, after] = encodePair({tokenizer, config}, context, continuation, addSpecialTokens);
  if (after.length === 0) {
    throw new Error(
      `evaluate: the choice ${show(continuation)} has no token of its own after ${show(context.slice(-80))}`,
    );
  }
  if (config.decoderStartTokenId !== undefined) return [before, after];
  if (after.length > config.maxPositions) {
    throw new Error(
      `evaluate: the choice ${show(continuation)} has ${after.length} tokens, expected at most ${config.maxPositions}, what the model has places for`,
    );
  }
  // The last token is not read.
  const room = config.maxPositions + 1 - after.length;
  return [before.slice(-room), after];
}

function encodePair(
  {tokenizer, config}: Pick<TextModel, 'tokenizer' | 'config'>,
  context: string,
  continuation: string,
  addSpecialTokens: boolean,
): [context: number[], continuation: number[]] {
  if (config.decoderStartTokenId !== undefined) {
    return [tokenizer.encode(context, {addSpecialTokens}), tokenizer.encode(continuation, {addSpecialTokens: false})];
  }
  if (context === '') {
    // After nothing stands what begins every text, or what ends one.
    const [first = config.eosTokenIds[0]] = tokenizer.encode('');
    const ids = tokenizer.encode(continuation, {addSpecialTokens: false});
    return ids[0] === first ? [[first], ids.slice(1)] : [[first], ids];
  }
  const kept = trimEnd(context);
  const all = tokenizer.encode(context + continuation, {addSpecialTokens});
  const before = tokenizer.encode(kept, {addSpecialTokens});
  return [before, all.slice(before.length)];
}
