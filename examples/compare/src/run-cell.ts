import {register} from '@subset-tuning/kernels-wasm';
import {type CausalModel, collate, type Example} from '@subset-tuning/models';
import {batchesByTokens, train} from '@subset-tuning/trainer';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import type {Cell, CellResult} from './cell.js';
import {METHODS} from './methods.js';
import {loadNamedModel} from './models.js';
import {TASKS} from './tasks/tasks.js';

/*
 * The units of work that the comparison hands out, each in a thread with its own copy of tfjs. The wasm backend, which in
 * Node computes on one thread: the same sums in the same order, whatever else the machine does.
 */

/** Of so many batches the gradients choose a fixed subset. */
const SCORED_BATCHES = 8;
/** Rows of a batch whose loss is measured. */
const MEASURED_ROWS = 64;

async function useWasm(): Promise<void> {
  register({replace: ['BatchMatMul', '_FusedMatMul', 'Identity']});
  if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend did not start');
}

/** The shapes of a model's weights by name, by which budgets are met. */
export async function shapesOf(model: string): Promise<Map<string, {shape: number[]}>> {
  await useWasm();
  const loaded = await loadNamedModel(model);
  const shapes = new Map(Array.from(loaded.weights, ([name, {shape}]) => [name, {shape: [...shape]}]));
  loaded.dispose();
  return shapes;
}

/** Loads a model, tunes it and measures it. The method `seed` tunes nothing. */
export async function runCell(cell: Cell): Promise<CellResult> {
  await useWasm();
  const model = await loadNamedModel(cell.model);
  try {
    const task = TASKS[cell.task].load(model);
    const tuned = cell.method === 'seed' ? {stored: {parameters: 0, bytes: 0}} : await tune(model, task.train, cell);
    try {
      const loss = await meanLoss(model, task[cell.split]);
      if (cell.split === 'validation') return {...tuned.stored, loss};
      const unrelatedLoss = await meanLoss(model, task.unrelated);
      return {...tuned.stored, loss, unrelatedLoss, figures: await task.measure(model)};
    } finally {
      tuned.detach?.();
    }
  } finally {
    model.dispose();
  }
}

interface Tuned {
  stored: Pick<CellResult, 'parameters' | 'bytes'>;
  detach?: () => void;
}

async function tune(
  model: CausalModel,
  rows: readonly Example[],
  {method, choice, learningRate, steps, tokensPerStep, seed}: Cell,
): Promise<Tuned> {
  const loss = (batch: readonly Example[]) => model.loss(collate(batch));
  const batches = () => batchesByTokens(rows, {tokens: tokensPerStep, seed, lengthOf: ({ids}) => ids.length});
  function* losses() {
    let left = SCORED_BATCHES;
    for (const batch of batches()) {
      if (left-- === 0) return;
      yield () => loss(batch);
    }
  }
  const attached = await METHODS[method].attach({model, choice, learningRate, steps, seed, losses});
  try {
    await train({
      model: {weights: attached.weights, loss},
      optimizer: attached.optimizer,
      batches: batches(),
      steps,
      tokensOf: (batch) => batch.reduce((sum, {ids}) => sum + ids.length, 0),
      onStep: () => attached.afterStep?.(),
    });
    const {file, parameters} = await attached.save();
    return {stored: {parameters, bytes: file.byteLength}, detach: () => attached.detach()};
  } catch (error) {
    attached.detach();
    throw error;
  }
}

/** The mean over all rows' target tokens; null where it is not finite, which JSON has no number for. */
async function meanLoss(model: CausalModel, rows: readonly Example[]): Promise<number | null> {
  let [sum, count] = [0, 0];
  for (let from = 0; from < rows.length; from += MEASURED_ROWS) {
    const some = rows.slice(from, from + MEASURED_ROWS);
    const tokens = some.reduce((total, {ids, sourceLength}) => total + ids.length - sourceLength, 0);
    const loss = model.loss(collate(some));
    try {
      sum += tokens * (await loss.data())[0];
      count += tokens;
    } finally {
      loss.dispose();
    }
  }
  const mean = sum / count;
  return Number.isFinite(mean) ? mean : null;
}
