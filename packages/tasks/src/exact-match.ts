/** Options of {@link exactMatch}. */
export interface ExactMatchOptions {
  /** Compare in lower case. Default false. */
  ignoreCase?: boolean;
  /** Compare without ASCII punctuation. Default false. */
  ignorePunctuation?: boolean;
}

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
  {ignoreCase = false, ignorePunctuation = false}: ExactMatchOptions = {},
): number {
  if (hypotheses.length !== references.length || hypotheses.length === 0) {
    throw new Error(
      `exactMatch: expected as many lists of references as hypotheses, and at least one; ` +
        `got ${hypotheses.length} hypotheses and ${references.length} lists`,
    );
  }
  const normalise = (text: string) => {
    const cased = ignoreCase ? text.toLowerCase() : text;
    return ignorePunctuation ? cased.replace(/[!-/:-@[-`{-~]/g, '') : cased;
  };
  const matches = hypotheses.filter((hypothesis, i) => {
    if (references[i].length === 0)
      throw new Error(`exactMatch: hypothesis ${i} has no reference, expected at least one`);
    const wanted = normalise(hypothesis);
    return references[i].some((reference) => normalise(reference) === wanted);
  });
  return matches.length / hypotheses.length;
}
