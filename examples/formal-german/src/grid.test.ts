import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, it} from 'vitest';
import {resultsFolder} from './folders.js';
import {choose, type GridResult} from './grid.js';
import {gridFile} from './recipes.js';
import type {SeedsResult} from './seeds.js';

const grid: GridResult = JSON.parse(readFileSync(gridFile, 'utf8'));

it('the committed recipes are those that the criterion chooses from the committed grid', () => {
  expect(grid.chosen).toEqual(choose(grid.rows));
});

it('the committed comparison over seeds was made with the committed recipes', () => {
  const seeds: SeedsResult = JSON.parse(readFileSync(join(resultsFolder, 'seeds.json'), 'utf8'));
  const used = seeds.methods.filter(({method}) => method !== 'seed');
  expect(used.map(({method, density, learningRate}) => ({method, density, learningRate}))).toEqual(
    grid.chosen.map(({method, density, learningRate}) => ({method, density, learningRate})),
  );
});
