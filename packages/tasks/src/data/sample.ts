import {check, checkFields, type Kind, type Kinds, number, wholeNumber} from '@subset-tuning/checks';
import {uniformInt} from 'pure-rand/distribution/uniformInt';
import {xoroshiro128plus} from 'pure-rand/generator/xoroshiro128plus';

const ROWS: Kind = {expected: 'an array of rows', is: Array.isArray};
/** The generator takes 32 bits. */
export const SEED: Kind = wholeNumber(0, 2 ** 32 - 1);

/**
 * Rows in another order: a copy, shuffled by Fisher and Yates. The same seed gives the same order on every machine (the
 * generator is xoroshiro128+ of the library pure-rand).
 *
 * @param seed A whole number from 0 to 2³² − 1.
 *
 * @example
 * ```ts
 * import {shuffleRows} from '@subset-tuning/tasks';
 * shuffleRows(['a', 'b', 'c'], 1); // the three in another order, always the same one
 * ```
 */
export function shuffleRows<Row>(rows: readonly Row[], seed: number): Row[] {
  check('shuffleRows: rows', rows, ROWS);
  check('shuffleRows: seed', seed, SEED);
  return drawn(rows, rows.length, seed);
}

/**
 * Some of the rows, drawn without putting back, in the order in which they were drawn: the first ones of
 * {@link shuffleRows}, so a smaller sample of the same seed is the start of a larger one.
 *
 * @param count How many; all rows at most.
 */
export function sampleRows<Row>(rows: readonly Row[], count: number, seed: number): Row[] {
  check('sampleRows: rows', rows, ROWS);
  check('sampleRows: count', count, wholeNumber(0, rows.length));
  check('sampleRows: seed', seed, SEED);
  return drawn(rows, count, seed);
}

/**
 * Parts the rows by chance into one to train on and one held out, each in the order of the rows.
 *
 * @param heldOut How many rows are held out, from 1 on; or below 1, the share of the rows that is, rounded.
 *
 * @example
 * ```ts
 * import {splitRows} from '@subset-tuning/tasks';
 * const {train, heldOut} = splitRows([1, 2, 3, 4, 5, 6, 7, 8], 0.25, 1); // six and two of them
 * ```
 */
export function splitRows<Row>(rows: readonly Row[], heldOut: number, seed: number): {train: Row[]; heldOut: Row[]} {
  check('splitRows: rows', rows, ROWS);
  checkFields('splitRows', {heldOut, seed}, {heldOut: shareOrCount(rows.length), seed: SEED} satisfies Kinds<object>);
  const count = heldOut < 1 ? Math.round(heldOut * rows.length) : heldOut;
  const chosen = new Set(drawn([...rows.keys()], count, seed));
  return {
    train: rows.filter((_, i) => !chosen.has(i)),
    heldOut: rows.filter((_, i) => chosen.has(i)),
  };
}

function shareOrCount(most: number): Kind {
  return number(
    `a share of the rows below 1, or a whole number from 1 to ${most}`,
    (value) => value >= 0 && (value < 1 || (Number.isInteger(value) && value <= most)),
  );
}

/** The first entries of a shuffled copy. */
function drawn<Row>(rows: readonly Row[], count: number, seed: number): Row[] {
  const generator = xoroshiro128plus(seed);
  const left = [...rows];
  for (let i = 0; i < Math.min(count, left.length - 1); i++) {
    const j = uniformInt(generator, i, left.length - 1);
    [left[i], left[j]] = [left[j], left[i]];
  }
  return left.slice(0, count);
}
