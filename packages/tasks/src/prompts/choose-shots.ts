import {check, checkOptions, type Kind, type Kinds, oneOf, optional, wholeNumber} from '@subset-tuning/checks';
import {SEED, sampleRows} from '../data/sample.js';

/** What {@link chooseShots} must be told. */
export interface ShotOptions<Row> {
  /** How many shots. */
  shots: number;
  /**
   * `random` draws other shots for every row, by seed; `first` takes the first rows, as lm-evaluation-harness's sampler
   * `first_n` does. Default `random`.
   */
  sampler?: 'random' | 'first';
  /** Seed of the drawing, from 0 to 2³² − 1. Default 0. */
  seed?: number;
  /** The row that is asked about and its number: it is never its own shot, and each number has shots of its own. */
  row?: Row;
  index?: number;
}

const ROWS: Kind = {expected: 'an array of rows', is: Array.isArray};
const OPTIONS: Kinds<ShotOptions<unknown>> = {
  shots: wholeNumber(0),
  sampler: optional(oneOf(['random', 'first'])),
  seed: optional(SEED),
  row: {expected: 'a row', is: () => true},
  index: optional(wholeNumber(0)),
};

/**
 * Chooses the rows that a prompt shows with their answers before the row that is asked about.
 *
 * What is drawn for a row depends on seed and number alone, not on which other rows are asked about.
 *
 * @param pool Rows with labels, such as those of the training split.
 * @throws where the pool has fewer rows than are asked for, the row itself not counted.
 *
 * @example
 * ```ts
 * import {chooseShots} from '@subset-tuning/tasks';
 * chooseShots(['a', 'b', 'c'], {shots: 2, sampler: 'first', row: 'a'}); // ['b', 'c']
 * ```
 */
export function chooseShots<Row>(pool: readonly Row[], options: ShotOptions<Row>): Row[] {
  check('chooseShots: pool', pool, ROWS);
  checkOptions('chooseShots', options, OPTIONS);
  const {shots, sampler = 'random', seed = 0, row, index = 0} = options;
  if (shots === 0) return [];
  const same = row === undefined ? () => false : sameAs(row);
  // One more than wanted, for the row itself.
  const drawn = sampler === 'first' ? pool : sampleRows(pool, Math.min(shots + 1, pool.length), mixed(seed, index));
  const chosen: Row[] = [];
  for (const candidate of drawn) {
    if (!same(candidate)) chosen.push(candidate);
    // The rest of the pool is not looked at.
    if (chosen.length === shots) return chosen;
  }
  // The row stands in the pool more than once.
  const others = pool.filter((candidate) => !same(candidate));
  if (others.length < shots) {
    throw new Error(
      `chooseShots: the pool has ${others.length} rows besides the one that is asked about, expected at least ${shots}`,
    );
  }
  return sampleRows(others, shots, mixed(seed, index));
}

/** Rows are compared by what is in them: the row may have been read anew. */
function sameAs(row: unknown): (other: unknown) => boolean {
  const text = JSON.stringify(row);
  return (other) => other === row || JSON.stringify(other) === text;
}

/** A seed of its own for each row: neighbours must not draw alike. */
function mixed(seed: number, index: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return (hash ^ (hash >>> 15)) >>> 0;
}
