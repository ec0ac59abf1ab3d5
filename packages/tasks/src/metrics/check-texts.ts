import {arrayOf, check, text} from '@subset-tuning/checks';

export const strings = arrayOf(text, 'an array of strings');

/** Throws unless the prediction is a string and the reference a list of strings with at least one. */
export function checkTexts(where: string, prediction: string, references: readonly string[]): void {
  check(`${where}: the prediction`, prediction, text);
  check(`${where}: the references`, references, strings);
  if (references.length === 0) throw new Error(`${where}: the references are [], expected at least one`);
}
