import {formatDensity} from '../format.js';
import type {GridRow} from '../grid.js';
import {FULL} from '../settings.js';
import type {StudyRow} from './run-study.js';
import type {Variation} from './variation.js';

interface Row extends Pick<StudyRow, 'method' | 'density' | 'learningRate' | 'steps' | 'loss'> {
  variation: Variation;
}

/**
 * The study as a table in Markdown, beside the methods as they are in the demo: the least loss on validation and the
 * learning rate that gave it, with a star where it is the first or last that was tried.
 */
export function studyTable(rows: readonly StudyRow[], grid: readonly GridRow[]): string {
  const methods = new Set(rows.map(({method}) => method));
  const all: Row[] = [
    ...grid.filter(({method}) => methods.has(method)).map((row) => ({...row, steps: FULL.steps, variation: {}})),
    ...rows,
  ];
  const columns = distinct(all.map(({density, steps}) => ({density, steps})));
  columns.sort((a, b) => a.steps - b.steps || b.density - a.density);
  const lines = distinct(all.map(({method, variation}) => ({method, variation})));
  lines.sort((a, b) => [...methods].indexOf(a.method) - [...methods].indexOf(b.method));
  const head = ['method', ...columns.map(({density, steps}) => `${formatDensity(density)}, ${steps} steps`)];
  const body = lines.map((line) => [
    [line.method, ...Object.entries(line.variation).map(([name, value]) => `\`${name}\` ${value}`)].join(', '),
    ...columns.map((column) => cell(all.filter((row) => isSame(row, line) && isSame(row, column)))),
  ]);
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cell(rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const best = rows.reduce((least, row) => (row.loss < least.loss ? row : least));
  const isEdge = best === rows[0] || best === rows[rows.length - 1];
  return `${best.loss.toFixed(2)} (${best.learningRate}${isEdge ? '*' : ''})`;
}

function isSame(row: Row, part: Partial<Row>): boolean {
  const entries = Object.entries(part) as [keyof Row, unknown][];
  return entries.every(([key, value]) => JSON.stringify(row[key]) === JSON.stringify(value));
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values.map((value) => JSON.stringify(value)))].map((text) => JSON.parse(text));
}
