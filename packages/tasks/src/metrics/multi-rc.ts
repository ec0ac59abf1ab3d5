import {arrayOf, check, checkOptions, type Kinds, oneOf, optional, wholeNumber} from '@subset-tuning/checks';
import {f1} from './binary-f1.js';
import type {Metric} from './metric.js';

/** Options of {@link multiRC}. */
export interface MultiRCOptions {
  /** Which score is the value; the others are among the details. Default `f1a`. */
  value?: 'f1a' | 'f1m' | 'exact';
}

const MULTIRC_OPTIONS: Kinds<MultiRCOptions> = {value: optional(oneOf(['f1a', 'f1m', 'exact']))};
const MARKS = arrayOf(wholeNumber(0, 1), 'an array of zeros and ones');

/**
 * MultiRC's scores, from 0 to 1. A row is a question, with a 1 for each answer that is right and a 0 for each that is not.
 *
 * `f1a` is F1 over the answers of all questions, `f1m` the mean over the questions of the mean of both marks' F1, and
 * `exact` the share of questions of which all answers are marked rightly. SuperGLUE has F1a and exact match. Details:
 * all three, and `total`, the number of questions.
 *
 * Sources: Khashabi et al., "Looking beyond the surface" (NAACL 2018); SuperGLUE's definition as in evaluate's `super_glue`.
 *
 * @throws Error where an option is not such.
 *
 * @example
 * ```ts
 * import {multiRC, score} from '@subset-tuning/tasks';
 * score(multiRC(), [[1, 0, 1], [0, 1]], [[1, 0, 0], [0, 1]]).details; // f1a: 0.8, exact: 0.5, …
 * ```
 */
export function multiRC(options: MultiRCOptions = {}): Metric<readonly number[], readonly number[]> {
  checkOptions('multiRC', options, MULTIRC_OPTIONS);
  const {value = 'f1a'} = options;
  return {
    name: `MultiRC ${value}`,
    higherIsBetter: true,
    size: 6,
    signature: () => ({metric: 'MultiRC', value}),
    statistics(prediction, reference, row) {
      check(`${row}: the prediction`, prediction, MARKS);
      check(`${row}: the reference`, reference, MARKS);
      if (prediction.length !== reference.length || reference.length === 0) {
        throw new Error(
          `${row}: got ${prediction.length} marks for ${reference.length} answers, expected as many, and at least one`,
        );
      }
      const counts = [0, 0, 0, 0];
      prediction.forEach((mark, i) => {
        counts[2 * mark + reference[i]]++;
      });
      const [rightlyNot, missed, tooMuch, right] = counts;
      // A mark that neither side has does not count.
      const scores: number[] = [];
      if (rightlyNot + missed + tooMuch > 0) scores.push(f1(rightlyNot, missed, tooMuch));
      if (right + missed + tooMuch > 0) scores.push(f1(right, tooMuch, missed));
      const mean = scores.reduce((sum, one) => sum + one) / scores.length;
      return [right, tooMuch, missed, mean, tooMuch + missed === 0 ? 1 : 0, 1];
    },
    aggregate({0: right, 1: tooMuch, 2: missed, 3: means, 4: exact, 5: total}) {
      const details = {f1a: f1(right, tooMuch, missed), f1m: means / total, exact: exact / total, total};
      return {value: details[value], details};
    },
  };
}
