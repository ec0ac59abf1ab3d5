import {useBackend} from '@subset-tuning/example-shared';
import {type CausalModel, collate, type Example, loadModel} from '@subset-tuning/models';
import {train} from '@subset-tuning/trainer';
import {createOptimizer, type Method} from './create-optimizer.js';
import {meanLoss} from './measure.js';
import {encodeProblem, readProblems} from './problems.js';

/** One run of the study. */
export interface Cell {
  /** `seed`: nothing is tuned. */
  method: Method | 'seed';
  learningRate: number;
}

/** What all runs have in common. */
export interface Setting {
  /** A checkpoint's folder. */
  model: string;
  /** GSM8K's train.jsonl and test.jsonl. */
  train: string;
  test: string;
  density: number;
  steps: number;
  rowsPerStep: number;
  /** Problems with more are left out: wasm's memory is at most 4 GiB. */
  tokensAtMost: number;
  /** Of the test file, from its top. */
  heldOut: number;
}

export interface CellResult extends Cell {
  /** Mean loss a token of the held-out answers, in nats. */
  loss: number;
  /** Of the last quarter of the steps, before each. */
  trainingLoss: number;
  changedParameters: number;
}

const SCORED_BATCHES = 8;

/** Loads the model, tunes it, and measures it on held-out problems. For a thread of its own. */
export async function runCell({cell, setting}: {cell: Cell; setting: Setting}): Promise<CellResult> {
  await useBackend('wasm');
  const model = await loadModel(setting.model);
  try {
    const {steps, rowsPerStep} = setting;
    const examples = encodeProblems(setting.train, steps * rowsPerStep, model, setting);
    const batches = Array.from({length: steps}, (_, i) => examples.slice(i * rowsPerStep, (i + 1) * rowsPerStep));
    const tuned =
      cell.method === 'seed'
        ? {trainingLoss: 0, changedParameters: 0}
        : await tune(model, batches, {...cell, method: cell.method}, setting);
    const heldOut = encodeProblems(setting.test, setting.heldOut, model, setting);
    return {...cell, loss: await meanLoss(model, heldOut), ...tuned};
  } finally {
    model.dispose();
  }
}

async function tune(
  model: CausalModel,
  batches: Example[][],
  {method, learningRate}: Cell & {method: Method},
  {density, steps}: Setting,
): Promise<Pick<CellResult, 'trainingLoss' | 'changedParameters'>> {
  const losses = batches.slice(0, SCORED_BATCHES).map((batch) => () => model.loss(collate(batch)));
  const optimizer = await createOptimizer({method, learningRate, density, steps, losses});
  try {
    const curve = await train({
      model: {weights: model.weights, loss: (batch: Example[]) => model.loss(collate(batch))},
      optimizer,
      batches,
      steps,
      tokensOf: (batch) => batch.reduce((sum, {ids}) => sum + ids.length, 0),
    });
    const last = curve.slice(-Math.ceil(steps / 4));
    return {
      trainingLoss: last.reduce((sum, {loss}) => sum + loss, 0) / last.length,
      changedParameters: (await optimizer.stats()).size,
    };
  } finally {
    optimizer.dispose();
  }
}

/** The first so many problems of a file that are short enough. */
function encodeProblems(file: string, count: number, model: CausalModel, {tokensAtMost}: Setting): Example[] {
  const examples: Example[] = [];
  for (const problem of readProblems(file)) {
    if (examples.length === count) break;
    const example = encodeProblem(problem, model);
    if (example.ids.length <= tokensAtMost) examples.push(example);
  }
  return examples;
}
