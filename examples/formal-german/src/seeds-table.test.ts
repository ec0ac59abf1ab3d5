import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, it} from 'vitest';
import {resultsFolder} from './folders.js';
import {methodName} from './methods.js';
import {pairedTable} from './paired-table.js';
import {type SeedsResult, summariseSeeds} from './seeds.js';
import {seedsTable} from './seeds-table.js';
import {FULL} from './settings.js';

const {rows}: SeedsResult = JSON.parse(readFileSync(join(resultsFolder, 'seeds.json'), 'utf8'));
const summary = summariseSeeds({rows});
const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');

it('the example’s README shows the committed results', () => {
  expect(read('../README.md')).toContain(`\n${seedsTable(summary)}\n`);
  expect(read('../README.md')).toContain(`\n${pairedTable(rows)}\n`);
});

it('the repository’s README shows those of the methods that the demo runs', () => {
  const shown = ['seed', ...FULL.methods.map(methodName)];
  expect(read('../../../README.md')).toContain(`\n${seedsTable(summary.filter(({name}) => shown.includes(name)))}\n`);
});

it('cuts intervals of shares at 0 and 100 %, and leaves out those of width 0', () => {
  const interval = (low: number, mean: number, high: number) => ({low, mean, high});
  const [seed] = summary;
  const figures = {
    ...{loss: interval(1.234, 1.5, 1.6), formal: interval(0.96, 0.99, 1.02), chrF: interval(-2, 50, 102)},
    ...{chrFOther: interval(60, 60, 60), addressAdded: interval(-0.03, 0.055, 0.14)},
  };
  expect(seedsTable([{...seed, figures}]).split('\n')[2]).toBe(
    '| seed | 0 |  | 1.50 (1.23 to 1.60) | 99 % (96 to 100) | 50.0 (-2.0 to 102.0) | 60.0 | 6 % (0 to 14) |',
  );
});
