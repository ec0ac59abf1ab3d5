import {anything, flag} from '@subset-tuning/checks';
import {lowercaseText, MARK, normalizeText, REMOVED, WHITE_SPACE} from './characters.js';
import {replaceText, type TracedText} from './traced-text.js';

/** The blocks that BERT splits into characters, which are not all of Chinese, Japanese and Korean. */
const IDEOGRAPH = [
  '\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{2a6df}\\u{2a700}-\\u{2b81f}\\u{2b920}-\\u{2ceaf}',
  '\\u{2f800}-\\u{2fa1f}',
].join('');

export const BERT = {
  ...{type: anything, clean_text: flag, handle_chinese_chars: flag, lowercase: flag},
  // Where it is null, accents go where capitals do.
  strip_accents: {expected: 'true, false or null', is: (value: unknown) => value === null || flag.is(value)},
};

/** Takes controls away, puts spaces around ideographs, takes accents away, and makes letters small. */
export function bertNormalizer(
  options: {readonly [Name in keyof typeof BERT]?: unknown},
): (x: TracedText) => TracedText {
  const {clean_text: cleans, handle_chinese_chars: separates, lowercase: lowers, strip_accents: strips} = options;
  const every = (source: string) => new RegExp(source, 'gu');
  const [removed, space, ideograph, mark] = [REMOVED, WHITE_SPACE, `[${IDEOGRAPH}]`, MARK].map(every);
  return (x) => {
    let done = x;
    if (cleans)
      done = replaceText(
        replaceText(done, removed, () => ''),
        space,
        () => ' ',
      );
    if (separates) done = replaceText(done, ideograph, (character) => ` ${character} `);
    if (strips ?? lowers) done = replaceText(normalizeText(done, 'NFD'), mark, () => '');
    return lowers ? lowercaseText(done) : done;
  };
}
