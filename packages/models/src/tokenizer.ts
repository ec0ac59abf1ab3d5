import {Tokenizer as HuggingFaceTokenizer} from '@huggingface/tokenizers';
import {check, checkOptions, flag, type Kind, type Kinds, optional, text as string} from '@subset-tuning/checks';

/** Text to token ids and back. */
export interface Tokenizer {
  /**
   * The ids of a text. Special tokens that stand in the text are recognised; `addSpecialTokens` (default true) also
   * adds those that the tokenizer puts around every text.
   */
  encode(text: string, options?: {addSpecialTokens?: boolean}): number[];
  /** The text of these ids, special tokens left out. */
  decode(ids: readonly number[]): string;
}

const ENCODE_OPTIONS: Kinds<{addSpecialTokens?: boolean}> = {addSpecialTokens: optional(flag)};
const IDS: Kind = {expected: 'an array of token ids', is: Array.isArray};

/**
 * A tokenizer from a Hugging Face `tokenizer.json`.
 *
 * @param json The parsed file, from anyone.
 * @param vocabularySize How many tokens the model knows.
 * @param name What errors call the file.
 * @throws where the file is no tokenizer, or has tokens that the model does not know.
 */
export function createTokenizer(json: unknown, vocabularySize: number, name = 'tokenizer.json'): Tokenizer {
  const checkId = (id: unknown, what: string): void => {
    if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < vocabularySize) return;
    throw new Error(`${name}: ${what} has the id ${id}, expected a whole number from 0 to ${vocabularySize - 1}`);
  };
  if (!isObject(json)) throw new Error(`${name} is not a JSON object`);
  // Before the library lays out an array as long as the largest id.
  for (const [token, id] of tokensOf(json)) checkId(id, `the token ${JSON.stringify(token)}`);
  const inner = parse(json, name);
  return {
    encode: (text, options = {}) => {
      check('encode: text', text, string);
      checkOptions('encode', options, ENCODE_OPTIONS);
      const {addSpecialTokens = true} = options;
      const {ids} = inner.encode(text, {add_special_tokens: addSpecialTokens});
      for (const id of ids) checkId(id, `a token of ${JSON.stringify(text.slice(0, 100))}`);
      return ids;
    },
    decode: (ids) => {
      check('decode: ids', ids, IDS);
      for (const id of ids) checkId(id, 'a token to decode');
      if (ids.length === 0) return '';
      return inner.decode([...ids], {skip_special_tokens: true, clean_up_tokenization_spaces: false});
    },
  };
}

/** The tokens that the file lists with their ids, whatever these are. */
function tokensOf(json: object): [token: unknown, id: unknown][] {
  const {added_tokens: added, model} = json as Partial<Record<string, unknown>>;
  const vocabulary = isObject(model) && 'vocab' in model ? model.vocab : undefined;
  return [
    ...(Array.isArray(added) ? added.map((token) => [token?.content, token?.id] as [unknown, unknown]) : []),
    // Unigram models have a list of [token, score], all others an object of ids.
    ...(Array.isArray(vocabulary) ? vocabulary.map((entry, id) => [entry?.[0], id] as [unknown, unknown]) : []),
    ...(isObject(vocabulary) && !Array.isArray(vocabulary) ? Object.entries(vocabulary) : []),
  ];
}

function parse(json: object, name: string): HuggingFaceTokenizer {
  try {
    return new HuggingFaceTokenizer(json, {});
  } catch (cause) {
    throw new Error(`${name} is not a tokenizer that @huggingface/tokenizers can read`, {cause});
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
