import {arrayOf, checkOptions, flag, type Kind, type Kinds, optional} from '@subset-tuning/checks';
import {checkTexts} from './check-texts.js';
import type {Metric} from './metric.js';
import {removePunctuation} from './normalize-answer.js';
import {countReferences} from './score.js';

/** Options of {@link exactMatch}. */
export interface ExactMatchOptions {
  /** What to remove from both sides before they are compared, one after another. Default nothing. */
  ignore?: readonly RegExp[];
  /** Compare in lower case. Default false. */
  ignoreCase?: boolean;
  /** Compare without ASCII punctuation. Default false. */
  ignorePunctuation?: boolean;
  /** Compare without ASCII digits. Default false. */
  ignoreNumbers?: boolean;
}

const PATTERN: Kind = {expected: 'a global regular expression', is: (value) => value instanceof RegExp && value.global};
const EXACT_MATCH_OPTIONS: Kinds<ExactMatchOptions> = {
  ignore: optional(arrayOf(PATTERN, 'an array of global regular expressions')),
  ignoreCase: optional(flag),
  ignorePunctuation: optional(flag),
  ignoreNumbers: optional(flag),
};

/**
 * The share of predictions, from 0 to 1, that equal one of their references character by character.
 *
 * The options do what those of Hugging Face evaluate's and lm-evaluation-harness's `exact_match` do (there
 * `regexes_to_ignore` and the like): lower case is Unicode's, punctuation is Python's `string.punctuation`, and nothing
 * is trimmed. Details: `total`.
 *
 * @throws Error where an option is not such.
 *
 * @example
 * ```ts
 * import {exactMatch, score} from '@subset-tuning/tasks';
 * score(exactMatch(), ['Ich war da.', 'ja'], [['Ich war dort.', 'Ich war da.'], ['Ja!']]).value; // 0.5
 * ```
 */
export function exactMatch(options: ExactMatchOptions = {}): Metric<string, readonly string[]> {
  checkOptions('exactMatch', options, EXACT_MATCH_OPTIONS);
  const {ignore = [], ignoreCase = false, ignorePunctuation = false, ignoreNumbers = false} = options;
  const normalise = (text: string) => {
    const kept = ignore.reduce((left, pattern) => left.replace(pattern, ''), text);
    const cased = ignoreCase ? kept.toLowerCase() : kept;
    const words = ignorePunctuation ? removePunctuation(cased) : cased;
    return ignoreNumbers ? words.replace(/[0-9]/g, '') : words;
  };
  return {
    name: 'exact match',
    higherIsBetter: true,
    size: 2,
    signature: (references) => ({
      ...countReferences(references),
      metric: 'exact_match',
      case: ignoreCase ? 'lc' : 'mixed',
      punct: ignorePunctuation ? 'no' : 'yes',
      numbers: ignoreNumbers ? 'no' : 'yes',
      ...(ignore.length > 0 && {ignore: ignore.map(String).join(' ')}),
    }),
    statistics(prediction, references, row) {
      checkTexts(row, prediction, references);
      const wanted = normalise(prediction);
      return [references.some((reference) => normalise(reference) === wanted) ? 1 : 0, 1];
    },
    aggregate: (sum) => ({value: sum[0] / sum[1], details: {total: sum[1]}}),
  };
}
