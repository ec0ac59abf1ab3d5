import {resolveEscapes, separateSigns, separateStops} from './western-punctuation.js';

/*
 * The tokenizers of BLEU, after sacrebleu 2.6's `tokenizers/tokenizer_{13a,re,intl,char,none}.py` (Apache-2.0), which
 * follow the scripts mteval-v13a.pl and mteval-v14.pl.
 */

/** Which tokenizer BLEU counts the words of. */
export type BleuTokenizer = '13a' | 'intl' | 'char' | 'none';

/** What puts spaces between a line's tokens. */
export const BLEU_TOKENIZERS: Readonly<Record<BleuTokenizer, (line: string) => string>> = {
  '13a': tokenize13a,
  intl: tokenizeInternational,
  char: (line) => Array.from(line).join(' '),
  none: (line) => line,
};

function tokenize13a(line: string): string {
  const joined = line.replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  return separateStops(separateSigns(` ${resolveEscapes(joined)} `));
}

/** Separates what Unicode calls punctuation, unless between digits, and symbols. */
function tokenizeInternational(line: string): string {
  return line
    .replace(/(\P{N})(\p{P})/gu, '$1 $2 ')
    .replace(/(\p{P})(\P{N})/gu, ' $1 $2')
    .replace(/(\p{S})/gu, ' $1 ');
}
