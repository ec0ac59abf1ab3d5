import {check, checkFields, checkOptions, type Kinds, number, optional, text} from '@subset-tuning/checks';
import {strings} from './check-texts.js';
import type {Details, Metric} from './metric.js';
import {type Agreement, answerWords, bestAgreement} from './normalize-answer.js';
import {ANSWER_SCORE, type AnswerOptions} from './squad.js';

/** What a system says of a question that may have no answer. */
export interface Squad2Prediction {
  /** The answer; empty where the system says that there is none. */
  text: string;
  /** How sure the system is, from 0 to 1, that there is no answer. Default 0. */
  noAnswerProbability?: number;
}

/** Options of {@link squad2}. */
export interface Squad2Options extends AnswerOptions {
  /** Above which `noAnswerProbability` an answer counts as none. Default 1, which is never. */
  noAnswerThreshold?: number;
  /**
   * What a system writes where it says that there is no answer, as a prompt taught it: such a prediction counts as empty, in
   * whatever case and punctuation. Default nothing.
   */
  noAnswerText?: string;
}

const SQUAD2_OPTIONS: Kinds<Squad2Options> = {
  value: optional(ANSWER_SCORE),
  noAnswerThreshold: optional(number('a number')),
  noAnswerText: optional(text),
};
const PREDICTION: Kinds<Squad2Prediction> = {text, noAnswerProbability: optional(number('a number'))};

/**
 * SQuAD 2.0's exact match and F1, from 0 to 100: {@link squad} where a question may have no answer, which its reference says
 * by an empty list, and an empty prediction is then right. The same numbers as `evaluate-v2.0.py`.
 *
 * A row is a question; its statistics are both scores and a one, apart for questions with and without an answer. Details:
 * `exact`, `f1`, `total`, and `hasAnsExact`, `noAnsF1` and so on where there are such questions.
 *
 * @throws Error where an option is not such.
 *
 * @example
 * ```ts
 * import {score, squad2} from '@subset-tuning/tasks';
 * score(squad2(), [{text: 'in 1889'}, {text: ''}], [['1889'], []]).details; // f1: 83.3, hasAnsF1: 66.7, noAnsF1: 100, …
 * ```
 */
export function squad2(options: Squad2Options = {}): Metric<Squad2Prediction, readonly string[]> {
  checkOptions('squad2', options, SQUAD2_OPTIONS);
  const {value = 'f1', noAnswerThreshold = 1, noAnswerText = ''} = options;
  const none = answerWords(noAnswerText).join(' ');
  return {
    name: `SQuAD2 ${value}`,
    higherIsBetter: true,
    size: 6,
    signature: () => ({
      ...{metric: 'SQuAD2', value, thresh: noAnswerThreshold},
      ...(noAnswerText !== '' && {none: noAnswerText}),
    }),
    statistics(prediction, references, row) {
      const answerable = references.length > 0;
      const refused = (prediction.noAnswerProbability ?? 0) > noAnswerThreshold;
      const given = agreement(prediction, references, row, none);
      const {exact, f1} = refused ? {exact: answerable ? 0 : 1, f1: answerable ? 0 : 1} : given;
      return answerable ? [exact, f1, 1, 0, 0, 0] : [0, 0, 0, exact, f1, 1];
    },
    aggregate(sum) {
      const all = percent('exact', 'f1', 'total', sum[0] + sum[3], sum[1] + sum[4], sum[2] + sum[5]);
      const details = {
        ...all,
        ...percent('hasAnsExact', 'hasAnsF1', 'hasAnsTotal', sum[0], sum[1], sum[2]),
        ...percent('noAnsExact', 'noAnsF1', 'noAnsTotal', sum[3], sum[4], sum[5]),
      };
      return {value: all[value] ?? 0, details};
    },
  };
}

/** The scores at the threshold that suits them best, and the threshold. */
export interface Squad2BestThresholds {
  bestExact: number;
  bestExactThreshold: number;
  bestF1: number;
  bestF1Threshold: number;
}

/**
 * Which threshold of `noAnswerProbability` would have scored best, as `evaluate-v2.0.py` tells where it is given
 * probabilities. It is chosen by the right answers, so it is an upper bound. No metric: it is not made of sums.
 *
 * @throws Error where the numbers of predictions and references differ or are zero.
 *
 * @example
 * ```ts
 * import {squad2BestThresholds} from '@subset-tuning/tasks';
 * const said = [{text: 'in 1889', noAnswerProbability: 0.1}, {text: 'Gustave', noAnswerProbability: 0.8}];
 * squad2BestThresholds(said, [['in 1889'], []]).bestF1Threshold; // 0.1
 * ```
 */
export function squad2BestThresholds(
  predictions: readonly Squad2Prediction[],
  references: readonly (readonly string[])[],
): Squad2BestThresholds {
  if (predictions.length !== references.length || predictions.length === 0) {
    throw new Error(
      `squad2BestThresholds: expected as many references as predictions, and at least one; ` +
        `got ${predictions.length} predictions and ${references.length} references`,
    );
  }
  const rows = predictions.map((prediction, i) => ({
    ...agreement(prediction, references[i], `squad2BestThresholds: row ${i}`),
    answerable: references[i].length > 0,
    answered: prediction.text !== '',
    probability: prediction.noAnswerProbability ?? 0,
  }));
  rows.sort((a, b) => a.probability - b.probability);
  const [bestExact, bestExactThreshold] = best(rows, 'exact');
  const [bestF1, bestF1Threshold] = best(rows, 'f1');
  return {bestExact, bestExactThreshold, bestF1, bestF1Threshold};
}

/** Rows from the surest answer on: one after another is answered rather than refused. */
function best(
  rows: readonly (Agreement & {answerable: boolean; answered: boolean; probability: number})[],
  by: 'exact' | 'f1',
): [number, number] {
  let current = rows.filter(({answerable}) => !answerable).length;
  let [most, threshold] = [current, 0];
  for (const row of rows) {
    current += row.answerable ? row[by] : row.answered ? -1 : 0;
    if (current > most) [most, threshold] = [current, row.probability];
  }
  return [(100 * most) / rows.length, threshold];
}

/** Right answers without a word of their own are none; to give no word where there is no answer is right. */
function agreement(prediction: Squad2Prediction, references: readonly string[], row: string, noAnswer = ''): Agreement {
  checkFields(`${row}: the prediction`, prediction, PREDICTION);
  check(`${row}: the references`, references, strings);
  const right = references.filter((answer) => answerWords(answer).length > 0);
  const said = answerWords(prediction.text).join(' ') === noAnswer ? '' : prediction.text;
  if (right.length > 0) return bestAgreement(said, right);
  const none = answerWords(said).length === 0 ? 1 : 0;
  return {exact: none, f1: none};
}

function percent(exactName: string, f1Name: string, totalName: string, exact: number, f1: number, total: number) {
  const details: Record<string, number> = {};
  if (total > 0)
    Object.assign(details, {[exactName]: (100 * exact) / total, [f1Name]: (100 * f1) / total, [totalName]: total});
  return details satisfies Details;
}
