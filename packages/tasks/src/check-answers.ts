import {arrayOf, check, text} from '@subset-tuning/checks';

export const strings = arrayOf(text, 'an array of strings');
const lists = arrayOf(strings, 'an array with an array of strings for each hypothesis');

/** Throws unless there is a list of references for each hypothesis, none of them empty, and at least one hypothesis. */
export function checkAnswers(
  where: string,
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
): void {
  check(`${where}: hypotheses`, hypotheses, strings);
  check(`${where}: references`, references, lists);
  if (hypotheses.length !== references.length || hypotheses.length === 0) {
    throw new Error(
      `${where}: expected as many lists of references as hypotheses, and at least one; ` +
        `got ${hypotheses.length} hypotheses and ${references.length} lists`,
    );
  }
  const without = references.findIndex((list) => list.length === 0);
  if (without >= 0) throw new Error(`${where}: hypothesis ${without} has no reference, expected at least one`);
}
