import {createDelta, writeDelta} from '@subset-tuning/deltas';
import {type CausalModel, collate, type Example} from '@subset-tuning/models';
import type {DynamicSubsetOptimizer, TensorChange} from '@subset-tuning/optimizer';
import {batchesByTokens, train} from '@subset-tuning/trainer';
import {dispose, type Optimizer, type Scalar, tensor} from '@tensorflow/tfjs-core';
import {keep} from '../store.js';
import {createOptimizer} from './create-optimizer.js';
import type {Dialect} from './examples.js';
import {type Interrupt, Interrupted} from './interrupt.js';
import type {Checkpoint, CheckpointReport, Places, SavedTensor, TrainingEvents, TrainingJob} from './protocol.js';

/** Of so many batches the gradients choose a fixed subset. */
const SCORED_BATCHES = 4;
/** Steps from one look at the probes to the next, and from one checkpoint to the next. */
const STEPS_PER_GLANCE = 5;
const STEPS_PER_CHECKPOINT = 10;
/** Above so many weights the optimizer's state, two slots of the rule, is too large to be kept every few steps. */
const MOST_KEPT = 20e6;

/** What a run leaves: the changes, which the model has. */
export interface Trained {
  steps: number;
  changes: TensorChange[];
}

/** Teaches a model pairs, in place; where it is stopped, what was learnt so far stays. */
export async function trainOnPairs(
  model: CausalModel,
  dialect: Dialect,
  {recipe, pairs, probes}: TrainingJob,
  from: Checkpoint | undefined,
  events: TrainingEvents,
  control: {interrupt: Interrupt; whilePaused: () => Promise<void>},
): Promise<Trained> {
  const {interrupt, whilePaused} = control;
  const examples: Example[] = [];
  for (const pair of pairs) examples.push(await dialect.encode(pair));
  const loss = (group: Example[]) => model.loss(collate(group));
  const {tokensPerStep, seed, steps} = recipe;
  const longest = Math.max(tokensPerStep, ...examples.map(({ids}) => ids.length));
  const batches = () => batchesByTokens(examples, {tokens: longest, seed, lengthOf: ({ids}) => ids.length});
  const parameters = [...model.weights.values()].reduce((sum, {size}) => sum + size, 0);
  const optimizer = await createOptimizer(recipe, parameters, lossesOf(batches(), loss));
  let taken = from?.step ?? 0;
  const glance = async () => {
    const answers = probes.length > 0 ? await dialect.answer(model, probes) : [];
    events.onGlance({step: taken, answers, places: placesOf(await optimizer.subset())});
  };
  try {
    if (from?.state) {
      const state = from.state.map(toTensor);
      await optimizer.setWeights(state);
      dispose(state.map(({tensor}) => tensor));
    }
    const remaining = skip(batches(), taken);
    let began = performance.now();
    await train({
      model: {
        weights: model.weights,
        loss: (group: Example[]) => {
          interrupt.arm(true);
          return loss(group);
        },
      },
      optimizer: interrupt.guard(optimizer),
      batches: remaining,
      steps: steps - taken,
      tokensOf: (group) => group.reduce((sum, {ids}) => sum + ids.length, 0),
      onStep: async ({loss, tokensPerSecond, churn = 0, subset}) => {
        taken++;
        const seconds = (performance.now() - began) / 1000;
        events.onStep({step: taken, loss, tokensPerSecond, churn, size: subset?.size ?? 0, seconds});
        if (taken % STEPS_PER_GLANCE === 0 || taken === steps) await glance();
        if (taken % STEPS_PER_CHECKPOINT === 0 && taken < steps) {
          const goesOn = parameters <= MOST_KEPT;
          await keep('checkpoint', await checkpoint(model, optimizer, {step: taken, goesOn}));
          events.onCheckpoint({step: taken, goesOn});
        }
        await whilePaused();
        if (interrupt.isSet) throw new Interrupted();
        began = performance.now();
      },
    });
    return {steps: taken, changes: await optimizer.subset()};
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return {steps: taken, changes: taken === 0 ? [] : await optimizer.subset()};
  } finally {
    interrupt.arm(false);
    optimizer.dispose();
  }
}

/** Where the changes lie. */
export function placesOf(changes: readonly {name: string; positions: Uint32Array}[]): Places {
  return new Map(changes.map(({name, positions}) => [name, positions]));
}

/** What was learnt so far, and where it goes on the optimizer's own state. */
async function checkpoint(
  model: CausalModel,
  optimizer: DynamicSubsetOptimizer,
  {step, goesOn}: CheckpointReport,
): Promise<Checkpoint> {
  const changes = (await optimizer.subset()).filter(({positions}) => positions.length > 0);
  const delta = writeDelta(await createDelta(changes, {base: model.id, weights: model.weights}));
  if (!goesOn) return {step, delta, state: undefined};
  const state: SavedTensor[] = [];
  for (const {name, tensor} of await optimizer.getWeights()) {
    const {shape, dtype} = tensor;
    if (dtype !== 'float32' && dtype !== 'int32') throw new Error(`${name} is ${dtype}, expected float32 or int32`);
    state.push({name, shape, dtype, values: (await tensor.data<typeof dtype>()).slice()});
  }
  return {step, delta, state};
}

function toTensor({name, shape, dtype, values}: SavedTensor): Parameters<Optimizer['setWeights']>[0][number] {
  return {name, tensor: tensor(values, shape, dtype)};
}

/** The batches that come after the first ones. */
function* skip<Group>(batches: Iterable<Group>, count: number): Generator<Group> {
  let passed = 0;
  for (const group of batches) if (passed++ >= count) yield group;
}

/** The losses of the first batches, that are trained on first, too. */
function* lossesOf<Group>(batches: Iterable<Group>, loss: (group: Group) => Scalar): Generator<() => Scalar> {
  let left = SCORED_BATCHES;
  for (const group of batches) {
    if (left-- === 0) return;
    yield () => loss(group);
  }
}
