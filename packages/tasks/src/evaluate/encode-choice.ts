import {show} from '@subset-tuning/checks';
import {encodeContinuation} from '../prompts/encode-continuation.js';
import type {TextModel} from './evaluated-model.js';

/**
 * Context and choice as token ids, as lm-evaluation-harness 0.4.13 has them: both encoded together, as
 * {@link encodeContinuation} does, or each by itself for a model of encoder and decoder. What a model has no place for is
 * cut at the start.
 *
 * @throws where the continuation has no token.
 */
export function encodeChoice(
  {tokenizer, config, maxRowTokens = config.maxPositions}: TextModel,
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
  if (after.length > maxRowTokens) {
    throw new Error(
      `evaluate: the choice ${show(continuation)} has ${after.length} tokens, expected at most ${maxRowTokens}, what the model has places for`,
    );
  }
  // The last token is not read.
  const room = maxRowTokens + 1 - after.length;
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
  const encoded = encodeContinuation(tokenizer, context, continuation, addSpecialTokens);
  return [encoded.context, encoded.continuation];
}
