import type {Sequences} from './verbs.js';

/** Rows of tokens, filled up to one length. */
export interface Padded extends Sequences {
  lengths: readonly number[];
  /** The tokens row after row. */
  ids: readonly number[];
  /** Where each token stands in its row. */
  places: readonly number[];
}

/** Fills rows up to the length of the longest. */
export function pad(rows: readonly (readonly number[])[]): Padded {
  const lengths = rows.map((row) => row.length);
  const length = lengths.reduce((most, each) => Math.max(most, each), 0);
  const fill = (value: (row: readonly number[], at: number) => number) =>
    rows.flatMap((row) => Array.from({length}, (_, at) => value(row, at)));
  return {rows: rows.length, length, lengths, ids: fill((row, at) => row[at] ?? 0), places: fill((_, at) => at)};
}
