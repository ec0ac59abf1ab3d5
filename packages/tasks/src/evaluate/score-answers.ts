import {deviation, mean} from 'd3-array';
import type {Metric} from '../metrics/metric.js';
import {type Statistics, statisticsOf, total} from '../metrics/score.js';
import type {PromptRequest} from '../prompts/render-prompt.js';
import type {Render} from '../prompts/template.js';
import {resampledScores} from '../statistics/bootstrap.js';
import type {Answer} from './answer.js';
import type {PlannedMetric} from './plan-metrics.js';

/** A row with what the model was asked and what it said. */
export interface AnsweredRow {
  row: object;
  request: PromptRequest;
  answer: Answer;
}

/** A score of an evaluation, by the names that lm-evaluation-harness gives it. */
export interface EvaluationScore {
  /** Such as `acc`, `acc_norm`, `f1`, `exact_match`, `bleu`. */
  readonly metric: string;
  /** What was made of the answers before: `none`, or such as `strict-match`. */
  readonly filter: string;
  /** From 0 to 1, or to 100 where the metric of this package is. */
  readonly value: number;
  /** Its standard error: of a mean from the rows' spread, else by bootstrap. None where there is a single row. */
  readonly standardError: number | undefined;
  readonly higherIsBetter: boolean;
}

/** What lm-evaluation-harness draws to see how a score spreads: fewer times where it is slow. */
const RESAMPLES = 1000;
const SLOW = new Set(['bleu', 'chrf', 'chrf++', 'ter']);
const FEW_RESAMPLES = 100;

/** The scores that answers have of themselves, which are means. */
export function scoreChoices(rows: readonly AnsweredRow[]): EvaluationScore[] {
  return Object.keys(rows[0].answer.scores).map((metric) => {
    const values = rows.map(({answer}) => answer.scores[metric]);
    return {
      ...{metric, filter: 'none', value: mean(values) ?? Number.NaN, standardError: errorOfMean(values)},
      higherIsBetter: true,
    };
  });
}

/** What a metric makes of all rows, those that it takes for one put together. */
export function scoreMetric(
  {key, filter, metric, isMean, groupBy, said, right}: PlannedMetric,
  rows: readonly AnsweredRow[],
  render: Render,
  seed: number,
): EvaluationScore {
  const compared = rows.map(({request, answer}) => [said(answer, request), right(request)] as const);
  let [predictions, references]: unknown[][] = [compared.map(([said]) => said), compared.map(([, right]) => right)];
  if (groupBy !== undefined) {
    const groups = new Map<string, {predictions: unknown[]; references: unknown[]}>();
    for (const [i, {row}] of rows.entries()) {
      const name = render(groupBy, row);
      const group = groups.get(name) ?? {predictions: [], references: []};
      group.predictions.push(predictions[i]);
      group.references.push(references[i]);
      groups.set(name, group);
    }
    predictions = [...groups.values()].map((group) => group.predictions);
    references = [...groups.values()].map((group) => group.references);
  }
  // Which metric takes what is decided where metrics are planned.
  const statistics = statisticsOf(metric as Metric<unknown, unknown>, predictions, references);
  const {value} = metric.aggregate(total(statistics));
  return {
    ...{metric: key, filter, value, higherIsBetter: metric.higherIsBetter},
    standardError: isMean ? errorOfMean(scoresOf(metric, statistics)) : bootstrapped(key, metric, statistics, seed),
  };
}

/** What a row's answer is worth by itself. */
export function scoreRow({metric, said, right}: PlannedMetric, {request, answer}: AnsweredRow, where: string): number {
  const any = metric as Metric<unknown, unknown>;
  return any.aggregate(any.statistics(said(answer, request), right(request), where)).value;
}

function scoresOf(metric: Metric<never, never>, {rows, size, values}: Statistics): number[] {
  return Array.from({length: rows}, (_, row) => metric.aggregate(values.subarray(row * size, (row + 1) * size)).value);
}

function bootstrapped(
  key: string,
  metric: Metric<never, never>,
  statistics: Statistics,
  seed: number,
): number | undefined {
  if (statistics.rows < 2) return undefined;
  const [scores] = resampledScores(metric, [statistics], SLOW.has(key) ? FEW_RESAMPLES : RESAMPLES, seed);
  return deviation(scores);
}

function errorOfMean(values: readonly number[]): number | undefined {
  const spread = deviation(values);
  return spread === undefined ? undefined : spread / Math.sqrt(values.length);
}
