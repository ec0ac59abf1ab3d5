import type {Metric} from '../metrics/metric.js';
import {signatureOf, statisticsOf, total} from '../metrics/score.js';
import {bootstrap, type Interval} from '../statistics/bootstrap.js';
import {approximateRandomization, type Comparison, pairedBootstrap} from '../statistics/paired-comparison.js';
import type {Rows} from './read-rows.js';

/** What the command is asked for. */
export interface Request {
  readonly predictions: string;
  readonly references: readonly string[];
  /** The metric's options, which it checks. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Another system's predictions. */
  readonly compare?: string | undefined;
  readonly test: 'bootstrap' | 'randomization';
  /** For SQuAD 2.0: how probable it is that there is no answer. */
  readonly noAnswer?: string | undefined;
  readonly samples?: number | undefined;
  readonly seed: number;
}

/** What the command prints as JSON. */
export interface Report {
  readonly name: string;
  readonly value: number;
  readonly signature: string;
  readonly details: Readonly<Record<string, number | readonly number[]>>;
  readonly rows: number;
  readonly interval: Interval;
  readonly comparison?: Comparison & {readonly file: string; readonly test: string};
}

/** Scores what a request names. */
export type Evaluate = (request: Request) => Report;

/** How a metric's rows are read, scored and compared. */
export function evaluate<Prediction, Reference>(
  // The command's options are of any kind; a metric checks its own.
  make: (options: Readonly<Record<string, unknown>>) => Metric<Prediction, Reference>,
  read: (files: readonly string[], noAnswer?: string) => Rows<Prediction, Reference>,
): Evaluate {
  return ({predictions, references: files, options, compare, test, noAnswer, samples, seed}) => {
    const metric = make(options);
    const {references, predictions: readPredictions} = read(files, noAnswer);
    const statistics = statisticsOf(metric, readPredictions(predictions), references);
    const interval = bootstrap(metric, statistics, {seed, ...(samples !== undefined && {samples})});
    const report = {
      name: metric.name,
      ...metric.aggregate(total(statistics)),
      signature: signatureOf(metric, references, {bs: interval.samples, seed}),
      rows: statistics.rows,
      interval,
    };
    if (compare === undefined) return report;
    const other = statisticsOf(metric, readPredictions(compare), references);
    const paired = test === 'bootstrap' ? pairedBootstrap : approximateRandomization;
    const comparison = paired(metric, statistics, other, {seed, ...(samples !== undefined && {samples})});
    return {...report, comparison: {file: compare, test, ...comparison}};
  };
}
