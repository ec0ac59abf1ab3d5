import {checkOptions, type Kinds, oneOf, optional} from '@subset-tuning/checks';
import {checkTexts} from './check-texts.js';
import type {Metric} from './metric.js';
import {bestAgreement} from './normalize-answer.js';

/** Which of the two scores of answers is the value; the other one is among the details. */
export type AnswerScore = 'f1' | 'exact';

/** Options of {@link squad} and {@link record}. */
export interface AnswerOptions {
  /** Which score is the value. Default `f1`. */
  value?: AnswerScore;
}

export const ANSWER_SCORE = oneOf(['f1', 'exact']);
const ANSWER_OPTIONS: Kinds<AnswerOptions> = {value: optional(ANSWER_SCORE)};

/**
 * SQuAD 1.1's exact match and F1, from 0 to 100: the answer against the right ones, in lower case and without articles and
 * ASCII punctuation. The same numbers as `evaluate-v1.1.py`.
 *
 * A row is a question; its statistics are both scores and a one. Details: `exact`, `f1`, `total`.
 *
 * @throws Error where an option is not such.
 *
 * @example
 * ```ts
 * import {score, squad} from '@subset-tuning/tasks';
 * score(squad(), ['the Eiffel Tower'], [['Eiffel tower', 'La tour Eiffel']]).details; // {exact: 100, f1: 100, total: 1}
 * ```
 */
export function squad(options: AnswerOptions = {}): Metric<string, readonly string[]> {
  checkOptions('squad', options, ANSWER_OPTIONS);
  return answers('SQuAD', 100, options);
}

/**
 * ReCoRD's exact match and F1, from 0 to 1: {@link squad} of the entity that fills the gap against the right ones. The
 * same numbers as the benchmark's `record_evaluation.py`.
 *
 * @throws Error where an option is not such.
 *
 * @example
 * ```ts
 * import {record, score} from '@subset-tuning/tasks';
 * score(record(), ['Puerto Rico'], [['US', 'Puerto Rico']]).value; // 1
 * ```
 */
export function record(options: AnswerOptions = {}): Metric<string, readonly string[]> {
  checkOptions('record', options, ANSWER_OPTIONS);
  return answers('ReCoRD', 1, options);
}

function answers(name: string, scale: number, {value = 'f1'}: AnswerOptions): Metric<string, readonly string[]> {
  return {
    name: `${name} ${value}`,
    higherIsBetter: true,
    size: 3,
    signature: () => ({metric: name, value}),
    statistics(prediction, references, row) {
      checkTexts(row, prediction, references);
      const {exact, f1} = bestAgreement(prediction, references);
      return [exact, f1, 1];
    },
    aggregate(sum) {
      const details = {exact: (scale * sum[0]) / sum[2], f1: (scale * sum[1]) / sum[2], total: sum[2]};
      return {value: details[value], details};
    },
  };
}
