import {
  callable,
  check,
  checkFields,
  checkOptions,
  type Kind,
  type Kinds,
  object,
  show,
  text,
} from '@subset-tuning/checks';
import {PAIR, type SentencePair} from './data/sentence-pairs.js';

/** What {@link encodePair} needs of a tokenizer. */
export interface PairTokenizer {
  /**
   * The ids of a text. `addSpecialTokens` (default true) adds what the tokenizer puts around every text, such as
   * `<s>`; special tokens that stand in the text itself are always recognised.
   */
  encode(text: string, options?: {addSpecialTokens?: boolean}): number[];
}

/** The special tokens by which a decoder-only translator knows its task, as text. */
export interface TranslationFormat {
  /** Stands between source and target, such as `'<de>'`. */
  separator: string;
  /** Ends the target, such as `'</s>'`. */
  end: string;
}

const notEmpty: Kind = {expected: 'a string that is not empty', is: (value) => text.is(value) && value !== ''};
const FORMAT: Kinds<TranslationFormat> = {separator: notEmpty, end: notEmpty};
const TOKENIZER = object('an object with encode, a function', ({encode}) => callable.is(encode));

/** A sentence pair as a language model reads it: source, separator, target, end. */
export interface TranslationExample {
  ids: number[];
  /** How many of the ids the model is given: all up to the separator, which is the last of them. */
  sourceLength: number;
}

/**
 * What a decoder-only translator is given to continue: the source, then the separator.
 *
 * @throws Error where the source has a separator or an end of its own, which the model could not tell from ours.
 *
 * @example
 * ```ts
 * import {prompt} from '@subset-tuning/tasks';
 * prompt('Where do you live?', {separator: '<de>', end: '</s>'}); // 'Where do you live?<de>'
 * ```
 */
export function prompt(source: string, format: TranslationFormat): string {
  check('prompt: source', source, text);
  checkOptions('prompt: format', format, FORMAT);
  return checkPlain('source', source, format) + format.separator;
}

/**
 * Encodes a sentence pair for training: the ids of the {@link prompt}, of the target, and of the end.
 * A loss that counts the target alone starts at `sourceLength`.
 *
 * @throws Error where the pair has a separator or an end of its own, or the tokenizer does not know them as single
 * tokens.
 *
 * @example
 * ```ts
 * import {encodePair} from '@subset-tuning/tasks';
 * const vocabulary = ['<s>', '</s>', '<de>', 'Go.', 'Geh.'];
 * const encode = (text: string, {addSpecialTokens = true} = {}) => [
 *   ...(addSpecialTokens ? [0] : []),
 *   ...text.split(/(<de>|<.s>)/).filter(Boolean).map((word) => vocabulary.indexOf(word)),
 * ];
 * const pair = {source: 'Go.', target: 'Geh.'};
 * encodePair(pair, {encode}, {separator: '<de>', end: '</s>'}); // {ids: [0, 3, 2, 4, 1], sourceLength: 3}
 * ```
 */
export function encodePair(
  pair: SentencePair,
  tokenizer: PairTokenizer,
  format: TranslationFormat,
): TranslationExample {
  checkFields('encodePair: pair', pair, PAIR);
  check('encodePair: tokenizer', tokenizer, TOKENIZER);
  checkOptions('encodePair: format', format, FORMAT);
  const {source, target} = pair;
  const given = tokenizer.encode(prompt(source, format));
  const separator = encodeSpecial(tokenizer, format.separator);
  if (given.at(-1) !== separator) {
    throw new Error(`encodePair: the prompt's ids end in ${given.at(-1)}, expected ${separator} (${format.separator})`);
  }
  const wanted = tokenizer.encode(checkPlain('target', target, format), {addSpecialTokens: false});
  return {ids: [...given, ...wanted, encodeSpecial(tokenizer, format.end)], sourceLength: given.length};
}

function encodeSpecial(tokenizer: PairTokenizer, token: string): number {
  const ids = tokenizer.encode(token, {addSpecialTokens: false});
  if (ids.length !== 1) {
    throw new Error(`encodePair: expected the tokenizer to know ${token} as one token, got ids [${ids.join(', ')}]`);
  }
  return ids[0];
}

function checkPlain(what: string, text: string, {separator, end}: TranslationFormat): string {
  for (const token of [separator, end]) {
    if (text.includes(token)) throw new Error(`the ${what} ${show(text)} holds the special token ${token}`);
  }
  return text;
}
