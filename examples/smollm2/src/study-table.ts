import type {CellResult} from './cell.js';

/** The study as a table in Markdown: the loss of the held-out answers by method and learning rate. */
export function studyTable(rows: readonly CellResult[]): string {
  const tuned = rows.filter(({method}) => method !== 'seed');
  const rates = [...new Set(tuned.map(({learningRate}) => learningRate))].sort((a, b) => a - b);
  const head = ['method', ...rates.map((rate) => `rate ${rate}`)];
  const body = [...new Set(tuned.map(({method}) => method))].map((method) => [
    method,
    ...rates.map((rate) => {
      const row = tuned.find((one) => one.method === method && one.learningRate === rate);
      return row === undefined ? '' : row.loss.toFixed(3);
    }),
  ]);
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
