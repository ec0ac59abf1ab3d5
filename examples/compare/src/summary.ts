import type {CellResult} from './cell.js';
import type {ComparisonResult, GroupResult} from './compare.js';
import type {Comparison} from './comparison.js';
import {figureInterval, interval} from './interval.js';
import {TASKS} from './tasks/tasks.js';

/** A method at a budget over all seeds: what `summary.json` lists. */
export interface SummaryRow {
  task: string;
  model: string;
  method: string;
  budget: number;
  /** Values that the file stores: the most of any seed. */
  parameters: number;
  /** Bytes of the file: the most of any seed. */
  bytes: number;
  /** What `mean`, `low` and `high` are of. */
  metric: string;
  /** With the 95 % interval over the seeds, by Student's t. */
  mean: number;
  low: number;
  high: number;
  /** By how much the mean loss a token of unrelated rows rose, in nats: the mean over the seeds. */
  forgotten: number;
  seeds: number;
  learningRate: number;
  steps: number;
}

/** A row for each group. */
export function summarise({task, model, steps}: Comparison, {seed, groups}: ComparisonResult): SummaryRow[] {
  const {metric} = TASKS[task];
  return groups.map(({method, budget, learningRate, results}: GroupResult) => {
    const values = results.map((result) => figureOf(result, metric.name));
    const risen = results.map((result) => unrelatedLossOf(result) - unrelatedLossOf(seed));
    return {
      ...{task, model, method, budget},
      parameters: Math.max(...results.map(({parameters}) => parameters)),
      bytes: Math.max(...results.map(({bytes}) => bytes)),
      ...{metric: metric.name, ...figureInterval(metric.name, values)},
      ...{forgotten: interval(risen).mean, seeds: results.length, learningRate, steps},
    };
  });
}

/** A figure of a tested cell. */
export function figureOf({figures}: CellResult, name: string): number {
  const figure = figures?.[name];
  if (figure === undefined) throw new Error(`a result has no ${name}, expected one of a test`);
  return figure;
}

/** A cell's loss: infinite where it is not finite. */
export function lossOf({loss}: CellResult): number {
  return loss ?? Number.POSITIVE_INFINITY;
}

function unrelatedLossOf({unrelatedLoss}: CellResult): number {
  return unrelatedLoss ?? Number.POSITIVE_INFINITY;
}
