import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {resultsFolder} from './folders.js';
import type {GridResult} from './grid.js';
import {methodName, type Recipe} from './methods.js';

export const gridFile = join(resultsFolder, 'grid.json');

/** The recipe of each method that won on validation, from the committed `results/grid.json`. */
export function chosenRecipes(methods: readonly Pick<Recipe, 'method' | 'density'>[]): Recipe[] {
  const {chosen}: GridResult = JSON.parse(readFileSync(gridFile, 'utf8'));
  return methods.map(({method, density}) => {
    const recipe = chosen.find((candidate) => candidate.method === method && candidate.density === density);
    if (recipe === undefined)
      throw new Error(`${gridFile}: no recipe for ${methodName({method, density})}; run --grid`);
    return recipe;
  });
}
