import {anything, arrayOf, check} from '@subset-tuning/checks';
import type {Metric, Score, SignatureFields} from './metric.js';

/** Counts up where a metric's numbers change, so that scores of two versions are not compared unseen. */
const VERSION = 'subset-tuning-1';

const ARRAY = arrayOf(anything, 'an array');

/** The statistics of all rows, one row after the other. */
export interface Statistics {
  readonly rows: number;
  /** How many numbers a row has. */
  readonly size: number;
  /** `rows` × `size` numbers. */
  readonly values: Float64Array;
}

/**
 * The score of a corpus, or of one sentence where one is given.
 *
 * @param predictions one a row.
 * @param references as many, in the same order.
 * @throws Error where their numbers differ, there is no row, or a row is not such as the metric takes.
 *
 * @example
 * ```ts
 * import {bleu, score} from '@subset-tuning/tasks';
 * const {value, signature} = score(bleu(), ['the cat sat on the mat'], [['the cat sat on a mat']]);
 * console.log(value.toFixed(2), signature); // 53.73 nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:subset-tuning-1
 * ```
 */
export function score<Prediction, Reference>(
  metric: Metric<Prediction, Reference>,
  predictions: readonly Prediction[],
  references: readonly Reference[],
): Score {
  const sum = total(statisticsOf(metric, predictions, references));
  const {value, details} = metric.aggregate(sum);
  return {name: metric.name, value, signature: signatureOf(metric, references), details};
}

/**
 * The statistics of all rows, from which intervals and comparisons are made.
 *
 * @throws Error as {@link score} does.
 */
export function statisticsOf<Prediction, Reference>(
  metric: Metric<Prediction, Reference>,
  predictions: readonly Prediction[],
  references: readonly Reference[],
): Statistics {
  check(`${metric.name}: the predictions`, predictions, ARRAY);
  check(`${metric.name}: the references`, references, ARRAY);
  const rows = predictions.length;
  if (rows !== references.length || rows === 0) {
    throw new Error(
      `${metric.name}: expected as many references as predictions, and at least one; ` +
        `got ${rows} predictions and ${references.length} references`,
    );
  }
  const {size} = metric;
  const values = new Float64Array(rows * size);
  for (let row = 0; row < rows; row++) {
    const where = `${metric.name}: row ${row}`;
    const statistics = metric.statistics(predictions[row], references[row], where);
    if (statistics.length !== size) {
      throw new Error(`${where}: the metric gives ${statistics.length} statistics, expected ${size}, its size`);
    }
    values.set(statistics, row * size);
  }
  return {rows, size, values};
}

/** The sum over all rows. */
export function total({rows, size, values}: Statistics): Float64Array {
  const sum = new Float64Array(size);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let i = 0; i < size; i++) sum[i] += values[at++];
  }
  return sum;
}

/** How something was resampled, as a signature says it. */
export interface Resampling {
  /** Resamples of a bootstrap. */
  readonly bs?: number;
  /** Trials of an approximate randomisation. */
  readonly ar?: number;
  readonly seed?: number;
}

/**
 * All that a score depends on besides the texts, in sacrebleu's format and order; the version is our own.
 *
 * @param resampling what an interval or a comparison says besides.
 */
export function signatureOf<Reference>(
  metric: Metric<never, Reference>,
  references: readonly Reference[],
  resampling: Resampling = {},
): string {
  const {nrefs, ...others} = metric.signature(references);
  const {bs, ar, seed} = resampling;
  const fields = Object.entries({nrefs, bs, ar, seed, ...others, version: VERSION});
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [`${name}:${escapeMarks(value)}`])).join('|');
}

/** A value without the marks of a signature, which are escaped as in an address. */
function escapeMarks(value: string | number): string {
  return String(value).replace(/[|:%]/gu, encodeURIComponent);
}

/** `{nrefs}`: how many references each row has, or `var` where their number differs. */
export function countReferences(references: readonly (readonly unknown[])[]): SignatureFields {
  const counts = new Set(references.map((list) => list.length));
  return {nrefs: counts.size === 1 ? references[0].length : 'var'};
}
