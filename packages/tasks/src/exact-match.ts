import {checkOptions, flag, type Kinds, optional} from '@subset-tuning/checks';
import {checkAnswers} from './check-answers.js';

/** Options of {@link exactMatch}. */
export interface ExactMatchOptions {
  /** Compare in lower case. Default false. */
  ignoreCase?: boolean;
  /** Compare without ASCII punctuation. Default false. */
  ignorePunctuation?: boolean;
}

const EXACT_MATCH_OPTIONS: Kinds<ExactMatchOptions> = {ignoreCase: optional(flag), ignorePunctuation: optional(flag)};

/**
 * The share of hypotheses, from 0 to 1, that equal one of their references character by character.
 *
 * The two options do what those of the same name do in Hugging Face evaluate's `exact_match`: lower case is
 * Unicode's, punctuation is Python's `string.punctuation`, and nothing is trimmed.
 *
 * @param references for each hypothesis, the answers that it may equal; at least one.
 * @throws Error where the lengths differ, nothing is given, or a hypothesis has no reference.
 *
 * @example
 * ```ts
 * import {exactMatch} from '@subset-tuning/tasks';
 * exactMatch(['Ich war da.', 'ja'], [['Ich war dort.', 'Ich war da.'], ['Ja!']]); // 0.5
 * ```
 */
export function exactMatch(
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
  options: ExactMatchOptions = {},
): number {
  checkAnswers('exactMatch', hypotheses, references);
  checkOptions('exactMatch', options, EXACT_MATCH_OPTIONS);
  const {ignoreCase = false, ignorePunctuation = false} = options;
  const normalise = (text: string) => {
    const cased = ignoreCase ? text.toLowerCase() : text;
    return ignorePunctuation ? cased.replace(/[!-/:-@[-`{-~]/g, '') : cased;
  };
  const matches = hypotheses.filter((hypothesis, i) => {
    const wanted = normalise(hypothesis);
    return references[i].some((reference) => normalise(reference) === wanted);
  });
  return matches.length / hypotheses.length;
}
