import {readFileSync} from 'node:fs';
import {expect, it} from 'vitest';
import {BEST_RATES, learningRateFor} from './learning-rate.js';

interface Row {
  method: string;
  density: number;
  learningRate: number;
  loss: number;
}

const {rows}: {rows: Row[]} = JSON.parse(
  readFileSync(new URL('../../../formal-german/results/grid.json', import.meta.url), 'utf8'),
);
/** What the grid calls the page's methods. */
const names = {subset: 'paper', shrinking: 'shrinking', gradient: 'gradient', random: 'random', full: 'full'} as const;

it.each(Object.entries(names))('takes for %s what did best in the grid', (method, name) => {
  for (const [density, rate] of BEST_RATES[method as keyof typeof names]) {
    const tried = rows.filter((row) => row.density === density && row.method === (density === 1 ? 'full' : name));
    const best = tried.toSorted((a, b) => a.loss - b.loss)[0];
    expect(rate, `${method} at ${density}`).toBe(best?.learningRate);
  }
});

it.each([
  ['subset', 1e-6, 0.2],
  ['subset', 1e-4, 0.2],
  ['subset', 0.001, 0.05],
  ['subset', 0.0003162, 0.1],
  ['subset', 1, 0.001],
  ['shrinking', 0.1, 0.0022],
  ['full', 0.01, 0.001],
] as const)('gives %s at density %f the rate %f', (method, density, rate) => {
  expect(learningRateFor(method, density)).toBe(rate);
});
