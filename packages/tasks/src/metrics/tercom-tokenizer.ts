import {resolveEscapes, separateSigns, separateStops} from './western-punctuation.js';
import {splitWords, trimEnd} from './white-space.js';

/** Which texts TER takes for equal; the defaults are sacrebleu's. */
export interface TerOptions {
  /** Separate punctuation and resolve XML's escapes before counting. Default false. */
  normalized?: boolean;
  /** Leave out punctuation. Default false. */
  noPunctuation?: boolean;
  /** Take Chinese and Japanese characters apart, and their punctuation for such, where one of the two above is set. Default false. */
  asianSupport?: boolean;
  /** Tell upper from lower case. Default false. */
  caseSensitive?: boolean;
}

const ASIAN_PUNCTUATION = /([\u3001\u3002\u3008-\u3011\u3014-\u301f\uff61-\uff65\u30fb])/gu;
const FULL_WIDTH_PUNCTUATION = /([\uff0e\uff0c\uff1f\uff1a\uff1b\uff01\uff02\uff08\uff09])/gu;

/**
 * The words of a text as Tercom counts them, after sacrebleu 2.6's `tokenizers/tokenizer_ter.py` (Apache-2.0, copyright
 * 2020 Memsource), its oddities too.
 */
export function tercomWords(text: string, options: TerOptions): string[] {
  const {normalized = false, noPunctuation = false, asianSupport = false, caseSensitive = false} = options;
  let line = trimEnd(text);
  if (!caseSensitive) line = line.toLowerCase();
  if (normalized) {
    line = separateWestern(line);
    if (asianSupport) line = separateAsian(line);
  }
  if (noPunctuation) {
    line = line.replace(/[.,?:;!"()]/gu, '');
    if (asianSupport) line = line.replace(ASIAN_PUNCTUATION, '').replace(FULL_WIDTH_PUNCTUATION, '');
  }
  return splitWords(line);
}

function separateWestern(line: string): string {
  const joined = line.replaceAll('\n-', '').replaceAll('\n', ' ');
  const separated = separateSigns(` ${resolveEscapes(joined)} `);
  return separateStops(separated.replace(/'s /gu, " 's ").replace(/'s$/gu, " 's"));
}

/** Characters one by one; a line that is Hiragana or Katakana alone is set apart as a whole. */
function separateAsian(line: string): string {
  return line
    .replace(/([\u4e00-\u9fff\u3400-\u4dbf])/gu, ' $1 ')
    .replace(/([\u31c0-\u31ef\u2e80-\u2eff])/gu, ' $1 ')
    .replace(/([\u3300-\u33ff\uf900-\ufaff\ufe30-\ufe4f])/gu, ' $1 ')
    .replace(/([\u3200-\u3f22])/gu, ' $1 ')
    .replace(/(^|^[\u3040-\u309f])([\u3040-\u309f]+)(?=$|^[\u3040-\u309f])/gu, '$1 $2 ')
    .replace(/(^|^[\u30a0-\u30ff])([\u30a0-\u30ff]+)(?=$|^[\u30a0-\u30ff])/gu, '$1 $2 ')
    .replace(/(^|^[\u31f0-\u31ff])([\u31f0-\u31ff]+)(?=$|^[\u31f0-\u31ff])/gu, '$1 $2 ')
    .replace(ASIAN_PUNCTUATION, ' $1 ')
    .replace(FULL_WIDTH_PUNCTUATION, ' $1 ');
}
