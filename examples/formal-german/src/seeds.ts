import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import jStat from 'jstat';
import type {BackendName} from './backend-names.js';
import {resultsFolder} from './folders.js';
import {formatShare} from './format.js';
import {chosenRecipes} from './grid.js';
import {resume, writeJson} from './json-file.js';
import {METHODS, methodName, type Recipe} from './methods.js';
import type {Measures, MethodReport, Report} from './report.js';
import {type Runner, threadsFor} from './runner.js';
import {FULL} from './settings.js';

const seedsFile = join(resultsFolder, 'seeds.json');

/** One method's run with one seed. */
export interface SeedRow
  extends Measures,
    Pick<MethodReport, 'method' | 'density' | 'learningRate' | 'changedParameters' | 'bytes' | 'predicted'> {
  /** Of the order of the data and of the random subset; 0 for the translator as it was. */
  seed: number;
  proofs?: Report['proofs'];
}

/** What `results/seeds.json` holds. */
export interface SeedsResult {
  steps: number;
  tokensPerStep: number;
  backend: string;
  /** Measured on the test sentences. */
  rows: SeedRow[];
}

/** Tunes by every method's chosen recipe with seeds 1 to `count`, as far as the file does not have it yet. */
export async function runSeeds(runner: Runner, backend: BackendName, count: number): Promise<SeedsResult> {
  const {steps, tokensPerStep} = FULL;
  const result: SeedsResult = resume(seedsFile, {steps, tokensPerStep, backend});
  const seeds = Array.from({length: count}, (_, i) => i + 1);
  const recipes = chosenRecipes(METHODS);
  const missing = seeds.flatMap((seed) =>
    recipes
      .filter((recipe) => !result.rows.some((row) => row.seed === seed && isSame(row, recipe)))
      .map((recipe) => ({seed, recipe})),
  );
  // What another grid chose is no result of this one.
  result.rows = result.rows.filter((row) => row.method === 'seed' || recipes.some((recipe) => isSame(row, recipe)));
  const add = (row: SeedRow) => {
    result.rows.push(row);
    const place = ({seed, method, density}: SeedRow) =>
      1000 * seed + recipes.findIndex((recipe) => recipe.method === method && recipe.density === density);
    result.rows.sort((a, b) => place(a) - place(b));
    writeJson(seedsFile, result);
  };
  if (!result.rows.some(({method}) => method === 'seed')) {
    add(rowOf(0, (await runner.measureSeed({backend, split: 'test'})).report));
  }
  let done = 0;
  // Each worker proves what it tuned before it takes the next, so that rows come as the work is done.
  const left = missing.values();
  const work = async () => {
    for (const {seed, recipe} of left) {
      const row = await runOne(runner, backend, seed, recipe);
      add(row);
      const what = `seed ${seed}, ${methodName(recipe)}`;
      console.log(
        `${++done}/${missing.length} ${what}: loss ${row.loss.toFixed(3)}, formal ${formatShare(row.formal)}`,
      );
    }
  };
  await Promise.all(Array.from({length: Math.max(1, threadsFor(backend))}, work));
  return result;
}

async function runOne(runner: Runner, backend: BackendName, seed: number, recipe: Recipe): Promise<SeedRow> {
  const {steps, tokensPerStep} = FULL;
  const options = {steps, tokensPerStep, seed, watch: false};
  const {report, delta, outputs} = await runner.tuneAndMeasure({backend, split: 'test', recipe, options});
  const folder = mkdtempSync(join(tmpdir(), 'formal-german-'));
  try {
    const deltaFile = join(folder, 'delta.safetensors');
    writeFileSync(deltaFile, delta);
    const proofs = await runner.proveDelta({backend, split: 'test', deltaFile, outputs});
    return {...rowOf(seed, report), proofs};
  } finally {
    rmSync(folder, {recursive: true});
  }
}

function rowOf(seed: number, report: MethodReport): SeedRow {
  const {method, density, learningRate, changedParameters, bytes, predicted} = report;
  const {loss, formal, chrF, chrFOther, addressAdded} = report;
  return {
    ...{seed, method, density, learningRate, changedParameters, bytes},
    ...{loss, formal, chrF, chrFOther, addressAdded},
    ...(predicted !== undefined && {predicted}),
  };
}

function isSame(row: SeedRow, {method, density, learningRate}: Recipe): boolean {
  return row.method === method && row.density === density && row.learningRate === learningRate;
}

/** A mean over seeds with its 95 % interval (Student's t). */
export interface Interval {
  mean: number;
  low: number;
  high: number;
}

/** A method over all seeds. */
export interface SeedsSummary extends Pick<SeedRow, 'method' | 'density' | 'changedParameters' | 'bytes'> {
  name: string;
  figures: Record<keyof Measures, Interval>;
}

/** Each method's figures with their intervals; weights and bytes are those of the first seed. */
export function summariseSeeds({rows}: Pick<SeedsResult, 'rows'>): SeedsSummary[] {
  const groups = new Map<string, SeedRow[]>();
  for (const row of rows) {
    const name = row.method === 'seed' ? 'seed' : methodName({method: row.method, density: row.density});
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return Array.from(groups, ([name, own]) => {
    const [{method, density, changedParameters, bytes}] = own;
    const over = (key: keyof Measures) => interval(own.map((row) => row[key]));
    const figures = {
      ...{loss: over('loss'), formal: over('formal'), chrF: over('chrF')},
      ...{chrFOther: over('chrFOther'), addressAdded: over('addressAdded')},
    };
    return {method, density, changedParameters, bytes, name, figures};
  });
}

export function interval(values: number[]): Interval {
  const mean = jStat.mean(values);
  if (values.length === 1) return {mean, low: mean, high: mean};
  const [low, high] = jStat.tci(mean, 0.05, values);
  return {mean, low, high};
}
