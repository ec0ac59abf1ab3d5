import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, it} from 'vitest';
import {resultsFolder} from './folders.js';
import {summariseSeeds} from './seeds.js';
import {seedsTable} from './seeds-table.js';

const summary = summariseSeeds(JSON.parse(readFileSync(join(resultsFolder, 'seeds.json'), 'utf8')));

it.each(['../README.md', '../../../README.md'])('%s shows the committed results', (readme) => {
  expect(readFileSync(new URL(readme, import.meta.url), 'utf8')).toContain(`\n${seedsTable(summary)}\n`);
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
