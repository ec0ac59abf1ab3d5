import {Unfit, type ViewOptions} from './training-view.js';

/** Tokens of an input, cut where they are too many and rows are to be cut. */
export function encodeAtMost<Tokens extends readonly number[] | {ids: readonly number[]}>(
  maxTokens: number,
  tooLong: ViewOptions['tooLong'],
  encode: (options: {maxTokens?: number}) => Tokens,
): {tokens: Tokens; isCut: boolean} {
  const whole = encode({});
  const {length} = 'ids' in whole ? whole.ids : whole;
  if (length <= maxTokens) return {tokens: whole, isCut: false};
  if (tooLong === 'cut') return {tokens: encode({maxTokens}), isCut: true};
  throw new Unfit(
    'tooLong',
    `it has ${length} tokens, expected at most ${maxTokens}; tooLong: 'cut' leaves out its end`,
  );
}
