import {DEEPSEEK_3, GPT_4O, LLAMA_3, QWEN_2} from '../tokenizer/pattern.js';

/** How a byte-level vocabulary splits a text before its merges, as parts of a `tokenizer.json`. */
interface PreTokenizer {
  normalizer?: object;
  pre_tokenizer: object;
  /** Whether a piece that is a token is taken as it is, whatever its merges. */
  keepsTokens?: boolean;
  /** Whether a token stands before every text where the file does not say. */
  begins?: boolean;
}

export const BYTE_LEVEL = {type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true};
const DIGITS = {type: 'Digits', individual_digits: true};

const sequence = (...pretokenizers: object[]) => ({type: 'Sequence', pretokenizers});
/** Splits by regular expressions, one after the other. */
const split = (...sources: string[]) => {
  const splits = sources.map((Regex) => ({type: 'Split', pattern: {Regex}, behavior: 'Isolated', invert: false}));
  return sequence(...splits, {...BYTE_LEVEL, use_regex: false});
};

const DIGITS_ALONE: PreTokenizer = {pre_tokenizer: sequence(DIGITS, BYTE_LEVEL)};
const LLAMA: PreTokenizer = {pre_tokenizer: split(LLAMA_3), keepsTokens: true, begins: true};
const QWEN: PreTokenizer = {normalizer: {type: 'NFC'}, pre_tokenizer: split(QWEN_2)};

/** By llama.cpp's names. */
export const PRE_TOKENIZERS: Readonly<Record<string, PreTokenizer>> = {
  'gpt-2': {pre_tokenizer: BYTE_LEVEL},
  smollm: DIGITS_ALONE,
  refact: DIGITS_ALONE,
  starcoder: DIGITS_ALONE,
  'llama-bpe': LLAMA,
  qwen2: QWEN,
  'deepseek-r1-qwen': QWEN,
  'gpt-4o': {pre_tokenizer: split(GPT_4O)},
  'deepseek-coder': {
    pre_tokenizer: sequence(
      ...split('[\\r\\n]', '\\s?\\p{L}+', '\\s?\\p{P}+', '[一-龥ࠀ-一가-퟿]+').pretokenizers.slice(0, -1),
      ...[DIGITS, {...BYTE_LEVEL, use_regex: false}],
    ),
  },
  'deepseek-v3': {pre_tokenizer: split('\\p{N}{1,3}', '[一-龥぀-ゟ゠-ヿ]+', DEEPSEEK_3)},
};
