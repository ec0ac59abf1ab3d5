import {
  anything,
  check,
  checkOptions,
  flag,
  isObject,
  type Kind,
  type Kinds,
  optional,
  show,
  text as string,
  wholeNumber,
} from '@subset-tuning/checks';
import {readAddedTokens, sectioner} from './tokenizer/added-tokens.js';
import {readDecoder} from './tokenizer/decoder.js';
import {type Encoding, fillTemplate, type Token, type TracedEncoding, truncate} from './tokenizer/encoding.js';
import {readModel} from './tokenizer/model.js';
import {readNormalizer} from './tokenizer/normalizer.js';
import {readPart} from './tokenizer/part.js';
import {type Place, readPostProcessor} from './tokenizer/post-processor.js';
import {readPreTokenizer} from './tokenizer/pre-tokenizer.js';
import {originOf, type TracedText, traced} from './tokenizer/traced-text.js';
import {trimOffsets} from './tokenizer/trim-offsets.js';
import {windowsOf} from './tokenizer/windows-of.js';

/** What {@link Tokenizer.encode} can be told. */
export interface EncodeOptions {
  /** Whether those special tokens are added that the tokenizer puts around every text. Default true. */
  addSpecialTokens?: boolean;
  /** At most so many tokens, special ones included: texts are cut at their ends, of two the longer one first. */
  maxTokens?: number;
}

/** What {@link Tokenizer.encodeWindows} can be told. */
export interface WindowOptions {
  /** At most so many tokens a window, special ones and the first text included. */
  maxTokens: number;
  /** How many tokens of the second text a window has in common with the next one. Default 0. */
  stride?: number;
}

/** What {@link Tokenizer.decode} can be told. */
export interface DecodeOptions {
  /** Whether special tokens are left out. Default true. */
  skipSpecialTokens?: boolean;
}

/** Text to token ids and back. */
export interface Tokenizer {
  /**
   * The ids of a text. Special tokens that stand in the text are recognised.
   *
   * @throws where an added token stands in the text that the model has no embedding for, or `maxTokens` leaves no room.
   */
  encode(text: string, options?: EncodeOptions): number[];
  /**
   * The tokens of two texts as one input: a question and a text, or two sentences to compare.
   *
   * @throws as {@link Tokenizer.encode}.
   */
  encodePair(first: string, second: string, options?: EncodeOptions): Encoding;
  /**
   * The tokens of a text or of two, with what each stands for.
   *
   * @throws as {@link Tokenizer.encode}.
   */
  encodeWithOffsets(text: string | readonly [first: string, second: string], options?: EncodeOptions): TracedEncoding;
  /**
   * The tokens of a text and of a second one that may be long: as often as it takes the first text with the next part of
   * the second, special tokens around them. As transformers does with `truncation='only_second'`, `stride` and
   * `return_overflowing_tokens`.
   *
   * @throws where the first text leaves no room for more than `stride` tokens.
   *
   * @example
   * ```ts no-run
   * import '@tensorflow/tfjs';
   * import {loadSpanExtractor} from '@subset-tuning/models';
   *
   * const {tokenizer} = await loadSpanExtractor('path or URL of distilbert-base-uncased-distilled-squad');
   * const context = 'Anna lives in a small house near Oslo.'.repeat(100);
   * for (const {ids, offsets} of tokenizer.encodeWindows('Where?', context, {maxTokens: 384, stride: 128})) {
   *   const [start, end] = offsets[ids.length - 2];
   *   console.log(`${ids.length} tokens up to`, context.slice(start, end));
   * }
   * ```
   */
  encodeWindows(first: string, second: string, options: WindowOptions): TracedEncoding[];
  /**
   * The text of these ids, without special tokens unless told otherwise.
   *
   * @throws where an id is none of the model's.
   */
  decode(ids: readonly number[], options?: DecodeOptions): string;
}

const ENCODE_OPTIONS: Kinds<EncodeOptions> = {addSpecialTokens: optional(flag), maxTokens: optional(wholeNumber(0))};
const WINDOW_OPTIONS: Kinds<WindowOptions> = {maxTokens: wholeNumber(1), stride: optional(wholeNumber(0))};
const DECODE_OPTIONS: Kinds<DecodeOptions> = {skipSpecialTokens: optional(flag)};
const TEXT_OR_PAIR: Kind = {
  expected: 'a text or two',
  is: (value) =>
    string.is(value) || (Array.isArray(value) && value.length === 2 && value.every((each) => string.is(each))),
};
const IDS: Kind = {expected: 'an array of token ids', is: Array.isArray};

const PARTS = {
  ...{version: anything, added_tokens: anything, normalizer: anything, pre_tokenizer: anything, model: anything},
  ...{post_processor: anything, decoder: anything},
  // What a batch is cut and filled to; transformers sets both anew for each call.
  ...{truncation: anything, padding: anything},
};

/**
 * A tokenizer from a Hugging Face `tokenizer.json`, with the ids of the Python library `tokenizers`.
 *
 * @param json The parsed file, from anyone.
 * @param vocabularySize How many tokens the model knows. Added tokens may have ids above, until they stand in a text.
 * @param name What errors call the file.
 * @throws where the file is no tokenizer, has a part or an option that is not known here, or has tokens that the model
 * does not know.
 */
export function createTokenizer(json: unknown, vocabularySize: number, name = 'tokenizer.json'): Tokenizer {
  if (!isObject(json)) throw new Error(`${name} is not a JSON object`);
  const parts = readPart(name, json, PARTS);
  const model = readModel(name, parts.model, vocabularySize);
  const addedTokens = readAddedTokens(name, parts.added_tokens, model.vocabulary);
  const normalizer = readNormalizer(`${name}: normalizer`, parts.normalizer);
  const preTokenize = readPreTokenizer(`${name}: pre_tokenizer`, parts.pre_tokenizer, normalizer.movesStart);
  const templates = readPostProcessor(name, parts.post_processor, vocabularySize);
  const join = readDecoder(`${name}: decoder`, parts.decoder);
  const sectionsOf = sectioner(addedTokens, normalizer);

  const tokens: string[] = [];
  for (const [token, id] of model.vocabulary) tokens[id] = token;
  const special = new Set<string>();
  for (const token of addedTokens) {
    // As the Python library does: it decodes to what it is found by, and is special by what it is called.
    tokens[token.id] = token.normalized ? normalizer.normalize({text: token.content}).text : token.content;
    if (token.special) special.add(token.content);
  }

  /** @param traces Whether it is known afterwards where tokens stand; it takes time. */
  const tokensOf = (given: string, traces: boolean): Token[] => {
    const found: Token[] = [];
    const text = given.replace(/\p{Surrogate}/gu, '\ufffd');
    for (const {token, ...section} of sectionsOf(traces ? traced(text) : {text})) {
      if (!token) {
        for (const piece of preTokenize([section])) {
          model.encode(piece.text, (id, start, end) => found.push(tokenOf(id, piece, start, end)));
        }
      } else if (token.id < vocabularySize) {
        found.push({...tokenOf(token.id, section, 0, section.text.length), taken: section.text});
      } else {
        throw new Error(
          `${name}: the text has the token ${show(token.content)} of id ${token.id}, for which the model has no embedding, expected ids from 0 to ${vocabularySize - 1}`,
        );
      }
    }
    return found;
  };
  /** The tokens of texts with what stands around them. */
  const fill = (template: readonly Place[], parts: readonly Part[], special: boolean): TracedEncoding => {
    const {trim} = templates;
    const nameOf = (id: number) => tokens[id] ?? '';
    const trimmed = parts.map((part) => (trim ? trimOffsets(part.tokens, part.text, nameOf, trim) : part.tokens));
    return fillTemplate(template, trimmed, special);
  };
  const addedBy = (template: readonly Place[]) =>
    template.reduce((sum, place) => sum + ('ids' in place ? place.ids.length : 0), 0);
  const encode = (what: string, texts: string[], options: EncodeOptions, traces = false): TracedEncoding => {
    checkOptions(what, options, ENCODE_OPTIONS);
    const {addSpecialTokens = true, maxTokens = Infinity} = options;
    const template = texts.length === 1 ? templates.single : templates.pair;
    const added = addSpecialTokens ? addedBy(template) : 0;
    if (added > maxTokens) {
      throw new Error(`${what}: maxTokens is ${maxTokens}, expected at least ${added}, the special tokens`);
    }
    const all = texts.map((text) => tokensOf(text, traces));
    const kept = truncate(all, maxTokens - added);
    if (!traces) return fillTemplate(template, kept, addSpecialTokens);
    const parts = texts.map((text, i) => ({text, tokens: kept[i]}));
    return fill(template, parts, addSpecialTokens);
  };
  return {
    encode: (text, options = {}) => {
      check('encode: text', text, string);
      return encode('encode', [text], options).ids;
    },
    encodePair: (first, second, options = {}) => {
      check('encodePair: first', first, string);
      check('encodePair: second', second, string);
      const {ids, tokenTypes, sequenceIds} = encode('encodePair', [first, second], options);
      return {ids, tokenTypes, sequenceIds};
    },
    encodeWithOffsets: (text, options = {}) => {
      check('encodeWithOffsets: text', text, TEXT_OR_PAIR);
      return encode('encodeWithOffsets', typeof text === 'string' ? [text] : [...text], options, true);
    },
    encodeWindows: (first, second, options) => {
      check('encodeWindows: first', first, string);
      check('encodeWindows: second', second, string);
      checkOptions('encodeWindows', options, WINDOW_OPTIONS);
      const {maxTokens, stride = 0} = options;
      const before = tokensOf(first, true);
      const room = maxTokens - addedBy(templates.pair) - before.length;
      if (room <= stride) {
        throw new Error(
          `encodeWindows: maxTokens is ${maxTokens}, which leaves ${Math.max(0, room)} for the second text, expected more than stride, ${stride}`,
        );
      }
      const head: Part = {text: first, tokens: before};
      return windowsOf(tokensOf(second, true), room, stride).map((tokens) =>
        fill(templates.pair, [head, {text: second, tokens}], true),
      );
    },
    decode: (ids, options = {}) => {
      check('decode: ids', ids, IDS);
      checkOptions('decode', options, DECODE_OPTIONS);
      const {skipSpecialTokens = true} = options;
      const known: string[] = [];
      for (const id of ids) {
        if (!(Number.isInteger(id) && id >= 0 && id < vocabularySize)) {
          const expected = `a whole number from 0 to ${vocabularySize - 1}`;
          throw new Error(`${name}: a token to decode has the id ${show(id)}, expected ${expected}`);
        }
        // An id without a token is left out, as in the Python library.
        const token = tokens[id];
        if (token !== undefined && !(skipSpecialTokens && special.has(token))) known.push(token);
      }
      return join(known);
    },
  };
}

/** Tokens of a text, or of a part of it. */
interface Part {
  text: string;
  tokens: readonly Token[];
}

function tokenOf(id: number, piece: TracedText, from: number, to: number): Token {
  const [start, end] = originOf(piece, from, to);
  return {id, start, end};
}
