import {join} from 'node:path';
import type {BackendName} from './backend-names.js';
import {resultsFolder} from './folders.js';
import {formatShare} from './format.js';
import {readJson, resume, writeJson} from './json-file.js';
import {METHODS, methodName, type Recipe} from './methods.js';
import type {Measures} from './report.js';
import type {Runner} from './runner.js';
import {FULL} from './settings.js';

/**
 * Learning rates tried at each density, the same for all methods, so wide that none of them does best at its first or
 * last. The fewer weights, the larger.
 */
export const LEARNING_RATES: ReadonlyMap<number, readonly number[]> = new Map([
  [1, [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01]],
  [0.01, [0.002, 0.005, 0.01, 0.02, 0.05, 0.1]],
  [0.001, [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]],
  [0.0001, [0.02, 0.05, 0.1, 0.2, 0.5, 1]],
]);

/** Not one of the seeds that results are reported for. */
export const GRID_SEED = 1000;

export const gridFile = join(resultsFolder, 'grid.json');

export interface GridRow extends Recipe, Measures {}

/** What `results/grid.json` holds. */
export interface GridResult {
  steps: number;
  tokensPerStep: number;
  seed: number;
  backend: string;
  /** All that was tried, measured on the validation sentences. */
  rows: GridRow[];
}

/** All recipes that are tried. */
export function candidates(): Recipe[] {
  return METHODS.flatMap(({method, density}) =>
    (LEARNING_RATES.get(density) ?? []).map((learningRate) => ({method, density, learningRate})),
  );
}

/** The recipes that the committed grid lacks. */
export function untried(): Recipe[] {
  const rows = readJson<GridResult>(gridFile)?.rows ?? [];
  return candidates().filter((recipe) => !rows.some((row) => isSame(row, recipe)));
}

function isSame(a: Recipe, b: Recipe): boolean {
  return a.method === b.method && a.density === b.density && a.learningRate === b.learningRate;
}

/** Tunes by every recipe of the grid that is not in its file yet, and measures on validation. */
export async function runGrid(runner: Runner, backend: BackendName): Promise<GridResult> {
  const {steps, tokensPerStep} = FULL;
  const result: GridResult = resume(gridFile, {steps, tokensPerStep, seed: GRID_SEED, backend});
  const all = candidates();
  await Promise.all(
    untried().map(async (recipe) => {
      const options = {steps, tokensPerStep, seed: GRID_SEED, watch: false};
      const {report} = await runner.tuneAndMeasure({backend, split: 'validation', recipe, options});
      const {loss, formal, chrF, chrFOther, addressAdded} = report;
      result.rows.push({...recipe, loss, formal, chrF, chrFOther, addressAdded});
      result.rows.sort((a, b) => all.findIndex((one) => isSame(one, a)) - all.findIndex((one) => isSame(one, b)));
      writeJson(gridFile, result);
      const what = `${report.name}, learning rate ${recipe.learningRate}`;
      console.log(
        `${result.rows.length}/${all.length} ${what}: loss ${loss.toFixed(3)}, formal ${formatShare(formal)}`,
      );
    }),
  );
  return result;
}

/** The recipe of each method: the learning rate with the least loss on validation. */
export function choose(rows: readonly GridRow[]): Recipe[] {
  return METHODS.map(({method, density}) => {
    const own = rows.filter((row) => row.method === method && row.density === density);
    if (own.length === 0) throw new Error(`${gridFile}: nothing of ${methodName({method, density})}; run --grid`);
    const {learningRate} = own.reduce((best, row) => (row.loss < best.loss ? row : best));
    return {method, density, learningRate};
  });
}

/** The recipes that won on validation, from the committed `results/grid.json`. */
export function chosenRecipes(methods: readonly Pick<Recipe, 'method' | 'density'>[]): Recipe[] {
  const chosen = choose(readJson<GridResult>(gridFile)?.rows ?? []);
  return methods.flatMap((method) => chosen.filter((recipe) => methodName(recipe) === methodName(method)));
}
