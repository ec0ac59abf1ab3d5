import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {resultsFolder} from './folders.js';
import {candidates, choose, type GridResult, gridFile} from './grid.js';
import {METHODS} from './methods.js';
import type {SeedsResult} from './seeds.js';

const {rows}: GridResult = JSON.parse(readFileSync(gridFile, 'utf8'));

describe('the committed grid', () => {
  it('has every recipe', () => {
    expect(rows.map(({method, density, learningRate}) => ({method, density, learningRate}))).toEqual(candidates());
  });

  it.each(choose(rows))('reaches beyond the rate chosen for $method at density $density', (recipe) => {
    const rates = rows.filter(({method, density}) => method === recipe.method && density === recipe.density);
    expect(rates.length).toBe(6);
    const place = rates.findIndex(({learningRate}) => learningRate === recipe.learningRate);
    expect(place).toBeGreaterThan(0);
    expect(place).toBeLessThan(rates.length - 1);
  });
});

it('the committed comparison over seeds was made with the recipes that the grid chooses', () => {
  const seeds: SeedsResult = JSON.parse(readFileSync(join(resultsFolder, 'seeds.json'), 'utf8'));
  const used = seeds.rows
    .filter(({method}) => method !== 'seed')
    .map(({seed, method, density, learningRate}) => ({seed, method, density, learningRate}));
  expect(used).toEqual([1, 2, 3].flatMap((seed) => choose(rows).map((recipe) => ({seed, ...recipe}))));
  expect(used.length).toBe(3 * METHODS.length);
  for (const {proofs} of seeds.rows.slice(1)) {
    expect(proofs).toEqual({reloadBitExact: true, revertBitExact: true});
  }
});
