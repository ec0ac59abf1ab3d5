import {type Kind, show} from '@subset-tuning/checks';

/** What a classifier says: the name of a class, its number, or whether something holds. */
export type Label = string | number | boolean;

export const LABEL: Kind = {
  expected: 'a string, a number, true or false',
  is: (value) => typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value),
};
export const LABELS: Kind = {
  expected: 'an array of at least two labels, all different',
  is: (value) =>
    Array.isArray(value) && value.length > 1 && value.every(LABEL.is) && new Set(value).size === value.length,
};

/** Which of the labels it is. */
export function indexOfLabel(where: string, label: Label, labels: readonly Label[]): number {
  const index = labels.indexOf(label);
  if (index < 0) throw new Error(`${where} is ${show(label)}, expected one of ${labels.map(show).join(', ')}`);
  return index;
}
