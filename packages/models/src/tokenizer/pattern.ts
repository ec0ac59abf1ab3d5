import {isObject, type Kind, show} from '@subset-tuning/checks';
import {readPart} from './part.js';

const CONTRACTIONS = "'s|'t|'re|'ve|'m|'ll|'d";
const ANY_CASE = `(?i:${CONTRACTIONS})`;
const REST = '\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
const UPPER = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
const LOWER = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';

/** How the byte-level pre-tokenizer splits, since GPT-2. */
export const GPT_2 = `${CONTRACTIONS}| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+`;

/** How Llama 3 splits. */
export const LLAMA_3 = `${ANY_CASE}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${REST}`;

/** How Qwen 2 splits. */
export const QWEN_2 = `${ANY_CASE}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${REST}`;

/** How GPT-4o and Llama 4 split. */
export const GPT_4O = [
  `[^\\r\\n\\p{L}\\p{N}]?${UPPER}*${LOWER}+${ANY_CASE}?|[^\\r\\n\\p{L}\\p{N}]?${UPPER}+${LOWER}*${ANY_CASE}?`,
  `\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${REST}`,
].join('|');

/** The last of the three by which DeepSeek V3 splits. */
export const DEEPSEEK_3 = [
  '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+',
  ` ?[\\p{P}\\p{S}]+[\\r\\n]*|${REST}`,
].join('|');

/**
 * The regular expressions that are known. Any other could take for ever on some text, and could mean something else in
 * JavaScript; each of these takes time in proportion to the text, and `golden/tokenizers.json` holds them to Python.
 */
const KNOWN: readonly string[] = [
  ...[GPT_2, LLAMA_3, QWEN_2, GPT_4O, DEEPSEEK_3],
  // DeepSeek Coder and V3 take several in a row
  ...['[\\r\\n]', '\\s?\\p{L}+', '\\s?\\p{P}+', '[一-龥ࠀ-一가-퟿]+', '[一-龥぀-ゟ゠-ヿ]+', '\\p{N}{1,3}'],
  ...['\\p{N}', '\\p{N}+', '\\d', '\\d+', '\\s', '\\s+', ' +', ' {2,}', '\\n', '\\n+'],
];

/** A pattern of a part: a text, or one of the regular expressions that are known. */
export interface Pattern {
  /** What finds it, everywhere in a text. */
  regex: RegExp;
  /** Code units that a match has at least. */
  shortest: number;
}

export const PATTERN: Kind = {expected: 'an object {String} or {Regex}', is: isObject};

export function readPattern(what: string, json: unknown): Pattern {
  if (isObject(json) && 'String' in json) {
    const {String: text} = readPart(what, json, {String: {expected: 'a text, not empty', is: isFilled}});
    return {regex: new RegExp(escapeRegex(text as string), 'gu'), shortest: (text as string).length};
  }
  const {Regex: source} = readPart(what, json, {Regex: {expected: 'a text, not empty', is: isFilled}});
  if (!KNOWN.includes(source as string)) {
    throw new Error(`${what}: the regular expression ${show(source)} is not one of those that are known here`);
  }
  return {regex: knownRegex(source as string), shortest: source === ' {2,}' ? 2 : 1};
}

/** One of the regular expressions above, in JavaScript's words. */
export function knownRegex(source: string): RegExp {
  const translated = source
    .replaceAll('\\s', '\\p{White_Space}')
    .replaceAll('\\S', '\\P{White_Space}')
    .replaceAll('\\d', '\\p{Nd}')
    // Without regard to case, which includes the long s.
    .replaceAll(ANY_CASE, "(?:'(?:[sS\\u017f]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD]))");
  return new RegExp(translated, 'gu');
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !/\p{Surrogate}/u.test(value);
}
