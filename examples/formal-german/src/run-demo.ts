import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {progressBars} from '@subset-tuning/trainer/progress-bars';
import type {BackendName} from './backend-names.js';
import {dataFolder} from './folders.js';
import {chosenRecipes} from './grid.js';
import {loadData} from './load-data.js';
import {METHODS, methodName} from './methods.js';
import type {Report} from './report.js';
import {reportPage} from './report-page.js';
import type {Run} from './run.js';
import type {Runner} from './runner.js';
import type {Settings} from './settings.js';

export interface DemoOptions extends Settings {
  backend: BackendName;
  /** Seed of the order of the data and of the random subsets. */
  seed: number;
  quick: boolean;
  /** Receives `report.json`, `index.html` and a delta a method. */
  out: string;
}

/** The main job: measures the seed, tunes it by each method, writes the deltas, proves them, writes the report. */
export async function runDemo(runner: Runner, options: DemoOptions): Promise<Report> {
  const began = performance.now();
  const {backend, seed, quick, steps, tokensPerStep, methods, out} = options;
  const recipes = chosenRecipes(methods);
  // First, so that a folder that cannot be written is known before the work is done.
  const deltas = join(out, 'deltas');
  mkdirSync(deltas, {recursive: true});
  const bars = progressBars();
  // The seed is measured beside the first method, but waits for nobody.
  const seedMeasured = runner.measureSeed({backend, split: 'test'});
  const tuned = recipes.map((recipe) =>
    runner.tuneAndMeasure(
      {backend, split: 'test', recipe, options: {steps, tokensPerStep, seed, watch: true}},
      bars.add(methodName(recipe), steps),
    ),
  );
  let measured: Awaited<typeof seedMeasured>;
  let runs: Run[];
  try {
    [measured, runs] = await Promise.all([seedMeasured, Promise.all(tuned)]);
  } finally {
    bars.stop();
  }

  // Those of an earlier run must not be taken for this one's.
  for (const method of METHODS) rmSync(join(deltas, deltaFileName(methodName(method))), {force: true});
  const files = runs.map(({report, delta}) => {
    const file = join(deltas, deltaFileName(report.name));
    writeFileSync(file, delta);
    return file;
  });
  const proofs = await Promise.all(
    runs.map(({outputs}, i) => runner.proveDelta({backend, split: 'test', deltaFile: files[i], outputs})),
  );

  const report: Report = {
    methods: [measured.report, ...runs.map((run) => run.report)],
    proofs: {
      reloadBitExact: proofs.every(({reloadBitExact}) => reloadBitExact),
      revertBitExact: proofs.every(({revertBitExact}) => revertBitExact),
    },
    backend,
    seconds: (performance.now() - began) / 1000,
    ...{seed, quick, steps, tokensPerStep},
    sentences: loadData(dataFolder).test.formal,
    tensors: measured.tensors,
  };
  writeFileSync(join(out, 'report.json'), `${JSON.stringify(report, null, 1)}\n`);
  const changes = new Map(runs.map(({report, changes}) => [report.name, changes]));
  writeFileSync(join(out, 'index.html'), reportPage(report, changes));
  return report;
}

/** `subset 0.01 %` → `subset-0.01.safetensors`. */
export function deltaFileName(name: string): string {
  return `${name.replace(/ %$/, '').replaceAll(' ', '-')}.safetensors`;
}
