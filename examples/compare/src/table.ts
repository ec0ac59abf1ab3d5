import type {CellResult} from './cell.js';
import type {ComparisonResult} from './compare.js';
import type {LeftOut} from './comparison.js';
import {count, signed, spread, tableOf} from './format.js';
import {figureInterval, type Interval} from './interval.js';
import {figureOf, lossOf, type SummaryRow} from './summary.js';
import type {Verdict} from './verdicts.js';

/** The summary as Markdown: all figures with their intervals, what subset tuning wins and loses, and what was left out. */
export function summaryTable(
  rows: readonly SummaryRow[],
  {seed, groups}: ComparisonResult,
  verdicts: readonly Verdict[],
  leftOut: readonly LeftOut[],
): string {
  const names = Object.keys(seed.figures ?? {});
  const head = ['method', 'budget', 'values', 'bytes', ...names, 'test loss', 'forgotten', 'learning rate'];
  const body = rows.map((row, i) => {
    const {results} = groups[i];
    const figures = names.map((name) => spread(figure(name, results)));
    return [
      ...[row.method, count(row.budget), count(row.parameters), count(row.bytes), ...figures, spread(losses(results))],
      ...[signed(row.forgotten, (size) => size.toFixed(3)), String(row.learningRate)],
    ];
  });
  const untuned = [
    ...['seed', '', '0', '0', ...names.map((name) => spread(figure(name, [seed])))],
    ...[spread(losses([seed])), '', ''],
  ];
  const told = verdicts.map(({ours, rival, better, verdict}) => {
    const other = rival.budget === ours.budget ? rival.method : `${rival.method} at ${count(rival.budget)}`;
    return [count(ours.budget), ours.method, other, spread(better, signed), verdict];
  });
  // The paper's form and rival may be the best there are.
  const said = told.filter((row, i) => told.findIndex((one) => one.join() === row.join()) === i);
  const better = `better by, in ${rows[0]?.metric}`;
  const table = tableOf([head, untuned, ...body]);
  const beside = tableOf([['budget', 'subset tuning', 'rival', better, ''], ...said]);
  const left = leftOut.map(({method, budget, reason}) => `- ${method} at ${count(budget)}: ${reason}`);
  return [
    ...table,
    ...(said.length > 0 ? ['', ...beside] : []),
    ...(left.length > 0 ? ['', 'Left out:', '', ...left] : []),
    '',
  ].join('\n');
}

function figure(name: string, results: readonly CellResult[]): Interval {
  return figureInterval(
    name,
    results.map((result) => figureOf(result, name)),
  );
}

function losses(results: readonly CellResult[]): Interval {
  return figureInterval('loss', results.map(lossOf));
}
