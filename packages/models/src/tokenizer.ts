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
import {type Encoding, fillTemplate, truncate} from './tokenizer/encoding.js';
import {readModel} from './tokenizer/model.js';
import {readNormalizer} from './tokenizer/normalizer.js';
import {readPart} from './tokenizer/part.js';
import {type Place, readPostProcessor} from './tokenizer/post-processor.js';
import {readPreTokenizer} from './tokenizer/pre-tokenizer.js';

/** What {@link Tokenizer.encode} can be told. */
export interface EncodeOptions {
  /** Whether those special tokens are added that the tokenizer puts around every text. Default true. */
  addSpecialTokens?: boolean;
  /** At most so many tokens, special ones included: texts are cut at their ends, of two the longer one first. */
  maxTokens?: number;
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
   * The text of these ids, without special tokens unless told otherwise.
   *
   * @throws where an id is none of the model's.
   */
  decode(ids: readonly number[], options?: DecodeOptions): string;
}

const ENCODE_OPTIONS: Kinds<EncodeOptions> = {addSpecialTokens: optional(flag), maxTokens: optional(wholeNumber(0))};
const DECODE_OPTIONS: Kinds<DecodeOptions> = {skipSpecialTokens: optional(flag)};
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
    tokens[token.id] = token.normalized ? normalizer.normalize(token.content) : token.content;
    if (token.special) special.add(token.content);
  }

  const idsOf = (text: string): number[] => {
    const ids: number[] = [];
    for (const {token, ...section} of sectionsOf(text.replace(/\p{Surrogate}/gu, '\ufffd'))) {
      if (!token) for (const piece of preTokenize([section])) model.encode(piece.text, ids);
      else if (token.id < vocabularySize) ids.push(token.id);
      else {
        throw new Error(
          `${name}: the text has the token ${show(token.content)} of id ${token.id}, for which the model has no embedding, expected ids from 0 to ${vocabularySize - 1}`,
        );
      }
    }
    return ids;
  };
  const encode = (what: string, template: readonly Place[], texts: string[], options: EncodeOptions): Encoding => {
    checkOptions(what, options, ENCODE_OPTIONS);
    const {addSpecialTokens = true, maxTokens = Infinity} = options;
    const added = template.reduce((sum, place) => sum + ('ids' in place && addSpecialTokens ? place.ids.length : 0), 0);
    if (added > maxTokens) {
      throw new Error(`${what}: maxTokens is ${maxTokens}, expected at least ${added}, the special tokens`);
    }
    return fillTemplate(template, truncate(texts.map(idsOf), maxTokens - added), addSpecialTokens);
  };
  return {
    encode: (text, options = {}) => {
      check('encode: text', text, string);
      return encode('encode', templates.single, [text], options).ids;
    },
    encodePair: (first, second, options = {}) => {
      check('encodePair: first', first, string);
      check('encodePair: second', second, string);
      return encode('encodePair', templates.pair, [first, second], options);
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
