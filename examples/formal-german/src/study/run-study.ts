import {join} from 'node:path';
import type {BackendName} from '../backend-names.js';
import {resultsFolder} from '../folders.js';
import {formatShare} from '../format.js';
import {GRID_SEED, LEARNING_RATES} from '../grid.js';
import {resume, writeJson} from '../json-file.js';
import {methodName, type Recipe} from '../methods.js';
import type {Runner} from '../runner.js';
import {FULL} from '../settings.js';
import type {Variation} from './variation.js';

export const studyFile = join(resultsFolder, 'study.json');

/** A recipe, varied. */
export interface Trial extends Recipe {
  steps: number;
  variation: Variation;
}

export interface StudyRow extends Trial {
  /** Of the formal validation sentences. */
  loss: number;
  formal: number;
  chrFOther: number;
}

/** What `results/study.json` holds. */
export interface StudyResult {
  tokensPerStep: number;
  seed: number;
  backend: string;
  rows: StudyRow[];
}

const SMALL = [0.001, 0.0001];
const ALL = [0.01, 0.001, 0.0001];
/** Places in the grid of rates that lie around the rates it chooses. */
const MIDDLE = [1, 2, 3];

/** What is varied, of which methods, at which densities, for how many steps, and at which rates: places in the grid's, or others. */
const VARIED: readonly {
  methods: readonly Recipe['method'][];
  densities: readonly number[];
  variations: readonly Variation[];
  steps?: number;
  rates?: readonly number[];
  learningRates?: readonly number[];
}[] = [
  {
    methods: ['shrinking'],
    densities: SMALL,
    variations: [{from: 1}, {denseLearningRate: 0.001}, {from: 1, denseLearningRate: 0.001}],
    rates: [0, 1, 2, 3],
  },
  {methods: ['shrinking'], densities: SMALL, variations: [{denseLearningRate: 0.01}, {over: 0.3}, {over: 0.8}]},
  {
    methods: ['shrinking'],
    densities: SMALL,
    variations: [
      {denseExponent: 0.25},
      {denseExponent: 0.33},
      {denseExponent: 0.5},
      {silos: 'global', denseExponent: 0.33},
    ],
  },
  {methods: ['weighted'], densities: ALL, variations: [{silos: 'layer'}, {silos: 'global'}]},
  {
    methods: ['weighted'],
    densities: SMALL,
    variations: [{exponent: 0.25}, {exponent: 0.5}, {exponent: 0.75}, {exponent: 1}],
  },
  {methods: ['weighted'], densities: [0.001], variations: [{beta2: 0.9}, {beta2: 0.98}]},
  {methods: ['weighted'], densities: [0.001], variations: [{hysteresis: 1.5}, {hysteresis: 3}]},
  {
    methods: ['paper'],
    densities: [0.001],
    variations: [{rule: 'momentum'}, {rule: 'sgd'}],
    // Their steps are as long as the gradients.
    learningRates: [0.1, 0.3, 1, 3, 10],
  },
  {
    methods: ['paper', 'gradient', 'weighted', 'shrinking'],
    densities: [0.001],
    variations: [{}],
    steps: 300,
    rates: [1, 2],
  },
  {
    methods: ['paper', 'gradient', 'weighted', 'shrinking'],
    densities: [0.001],
    variations: [{}],
    steps: 1000,
    rates: [1, 2],
  },
];

/** Everything that is tried. */
export function trials(): Trial[] {
  return VARIED.flatMap(({methods, densities, variations, steps = FULL.steps, rates = MIDDLE, learningRates}) =>
    methods.flatMap((method) =>
      densities.flatMap((density) => {
        const ofGrid = LEARNING_RATES.get(density) ?? [];
        const tried = learningRates ?? rates.map((place) => ofGrid[place]);
        return variations.flatMap((variation) =>
          tried.map((learningRate) => ({method, density, learningRate, steps, variation})),
        );
      }),
    ),
  );
}

function keyOf({method, density, learningRate, steps, variation}: Trial): string {
  return JSON.stringify([method, density, learningRate, steps, variation]);
}

/** Runs what the study's file does not have yet, and measures on validation. */
export async function runStudy(runner: Runner, backend: BackendName): Promise<StudyResult> {
  const {tokensPerStep} = FULL;
  const result: StudyResult = resume(studyFile, {tokensPerStep, seed: GRID_SEED, backend});
  const known = new Set(result.rows.map(keyOf));
  const places = new Map(trials().map((trial, i) => [keyOf(trial), i]));
  const missing = trials().filter((trial) => !known.has(keyOf(trial)));
  let done = 0;
  await Promise.all(
    missing.map(async (trial) => {
      const {steps, variation} = trial;
      const options = {steps, tokensPerStep, seed: GRID_SEED, watch: false, variation};
      const {report} = await runner.tuneAndMeasure({backend, split: 'validation', recipe: trial, options});
      const {loss, formal, chrFOther} = report;
      result.rows.push({...trial, loss, formal, chrFOther});
      result.rows.sort((a, b) => (places.get(keyOf(a)) ?? 0) - (places.get(keyOf(b)) ?? 0));
      writeJson(studyFile, result);
      const what = `${methodName(trial)}, ${JSON.stringify(variation)}, ${steps} steps, learning rate ${trial.learningRate}`;
      console.log(`${++done}/${missing.length} ${what}: loss ${loss.toFixed(3)}, formal ${formatShare(formal)}`);
    }),
  );
  return result;
}
