import type {LinearModule, ModelShape, SelfAttention, WeightShape} from '@subset-tuning/adapters';
import {type BackendName, useBackend} from '@subset-tuning/example-shared';
import {train} from '@subset-tuning/trainer';
import type {Cell, CellResult} from './cell.js';
import {METHODS} from './methods.js';
import type {OpenTask, TaskBatch} from './tasks/compared-task.js';
import {TASKS} from './tasks/tasks.js';

/*
 * The units of work that the comparison hands out, each in a thread with its own copy of tfjs, whose backend computes on
 * one thread: the same sums in the same order, whatever else the machine does.
 */

/** Of so many batches the gradients choose a fixed subset. */
const SCORED_BATCHES = 8;

/** A {@link ModelShape} that can be handed to another thread. */
export interface WrittenShape extends Omit<ModelShape, 'projections' | 'attentions' | 'weights'> {
  weights: Map<string, WeightShape>;
  modules: LinearModule[];
  selfAttentions: SelfAttention[];
}

/** The shape of a task's model, by which budgets are met. */
export async function shapeOf({model: name, task, data, backend}: Place): Promise<WrittenShape> {
  await useBackend(backend);
  const {model} = await TASKS[task].open(name, data);
  const weights = new Map(Array.from(model.weights, ([name, {shape}]) => [name, {shape: [...shape]}]));
  const modules = [...model.projections()];
  const selfAttentions = [...(model.attentions?.() ?? [])];
  const {hiddenSize, maxPositions} = model.architecture.config;
  const config = {...(hiddenSize !== undefined && {hiddenSize}), ...(maxPositions !== undefined && {maxPositions})};
  const head = model.head?.output === undefined ? {} : {head: {output: model.head.output}};
  model.dispose();
  return {weights, modules, selfAttentions, architecture: {config}, ...head};
}

/** A model, a task, the folder of data sets, on which no result depends, and where to compute. */
export interface Place {
  model: string;
  task: string;
  data: string | undefined;
  backend: BackendName;
}

/** Loads a model, tunes it and measures it. The method `seed` tunes nothing. */
export async function runCell({cell, data}: {cell: Cell; data: string | undefined}): Promise<CellResult> {
  await useBackend(cell.backend);
  const task = await TASKS[cell.task].open(cell.model, data);
  try {
    const unrelatedLoss = cell.split === 'test' ? await task.watchUnrelated() : undefined;
    const tuned = cell.method === 'seed' ? {stored: {parameters: 0, bytes: 0}} : await tune(task, cell);
    try {
      const loss = await task.loss(cell.split);
      const measured = {...tuned.stored, loss: finite(loss)};
      if (!unrelatedLoss) return measured;
      return {...measured, unrelatedLoss: finite(await unrelatedLoss()), figures: await task.measure(loss)};
    } finally {
      tuned.detach?.();
    }
  } finally {
    task.model.dispose();
  }
}

/** JSON has no number for what is not finite. */
function finite(loss: number): number | null {
  return Number.isFinite(loss) ? loss : null;
}

interface Tuned {
  stored: Pick<CellResult, 'parameters' | 'bytes'>;
  detach?: () => void;
}

async function tune(
  task: OpenTask,
  {method, choice, learningRate, steps, tokensPerStep: tokens, seed}: Cell,
): Promise<Tuned> {
  const {model} = task;
  function* losses() {
    let left = SCORED_BATCHES;
    for (const batch of task.batches({tokens, seed})) {
      if (left-- === 0) return;
      yield batch.loss;
    }
  }
  const attached = await METHODS[method].attach({model, choice, learningRate, steps, seed, losses});
  try {
    await train({
      model: {weights: attached.weights, loss: (batch: TaskBatch) => batch.loss()},
      optimizer: attached.optimizer,
      batches: task.batches({tokens, seed}),
      steps,
      tokensOf: (batch) => batch.tokens,
      onStep: () => attached.afterStep?.(),
    });
    return {stored: await attached.save(), detach: () => attached.detach()};
  } catch (error) {
    attached.detach();
    throw error;
  }
}
