import {type CausalModel, collate} from '@subset-tuning/models';
import type {TensorChange} from '@subset-tuning/optimizer';
import {encodePair, formalShare, type TranslationExample} from '@subset-tuning/tasks';
import {batchesByTokens, type CurvePoint, train} from '@subset-tuning/trainer';
import type {Scalar} from '@tensorflow/tfjs';
import {createOptimizer} from './create-optimizer.js';
import type {Data} from './load-data.js';
import {isMoving, type Recipe} from './methods.js';
import type {MethodReport, Snapshot} from './report.js';
import {createVariation} from './study/create-variation.js';
import type {Variation} from './study/variation.js';
import {FORMAT, translate} from './translate.js';

export interface TuneOptions {
  steps: number;
  /** About how many tokens a step sees. */
  tokensPerStep: number;
  /** Seed of the order of the data and of the random subset. */
  seed: number;
  /** Whether to look at the validation translations and at the subset along the way. */
  watch: boolean;
  /** In what the method differs from the demo's. */
  variation?: Variation;
  onStep?: (point: CurvePoint) => void;
}

export interface Tuned
  extends Pick<MethodReport, 'curve' | 'validation' | 'snapshots' | 'predicted' | 'trainingSeconds'> {
  changes: TensorChange[];
}

const STEPS_PER_SNAPSHOT = 5;
/** Where watched, the validation sentences are translated before the first step and after each tenth. */
export const STEPS_PER_VALIDATION = 10;
const STEPS_TO_SETTLE = 10;
/** Of so many batches the gradients choose a fixed subset. */
const SCORED_BATCHES = 8;

/** Tunes a model in place by a recipe, on the pairs that address someone formally. */
export async function tune(model: CausalModel, data: Data, recipe: Recipe, options: TuneOptions): Promise<Tuned> {
  const {steps, tokensPerStep, seed, watch, variation, onStep} = options;
  const examples = data.train.map((pair) => encodePair(pair, model.tokenizer, FORMAT));
  const batches = () => batchesByTokens(examples, {tokens: tokensPerStep, seed, lengthOf: ({ids}) => ids.length});
  const loss = (group: TranslationExample[]) => model.loss(collate(group));
  const optimizer =
    variation && isMoving(recipe.method)
      ? createVariation(recipe, steps, variation)
      : await createOptimizer(recipe, {steps, seed, losses: lossesOf(batches(), loss)});
  const sources = data.validation.formal.map(({source}) => source);
  const validation: Tuned['validation'] = [];
  const snapshots: {step: number; changes: TensorChange[]}[] = [];
  const look = async (step: number) => {
    validation.push({step, formal: formalShare(await translate(model, sources))});
  };
  let trainingSeconds = 0;
  try {
    if (watch) await look(0);
    let began = performance.now();
    const curve = await train({
      model: {weights: model.weights, loss},
      optimizer,
      batches: batches(),
      steps,
      tokensOf: (group) => group.reduce((sum, {ids}) => sum + ids.length, 0),
      onStep: async (point) => {
        trainingSeconds += (performance.now() - began) / 1000;
        onStep?.(point);
        if (watch && point.step % STEPS_PER_VALIDATION === 0) await look(point.step);
        if (watch && isMoving(recipe.method) && (point.step === 1 || point.step % STEPS_PER_SNAPSHOT === 0)) {
          snapshots.push({step: point.step, changes: await optimizer.subset()});
        }
        began = performance.now();
      },
    });
    const changes = await optimizer.subset();
    const compared = snapshots.map((snapshot) => ({step: snapshot.step, tensors: compare(snapshot.changes, changes)}));
    return {changes, curve, validation, snapshots: compared, ...predicted(curve), trainingSeconds};
  } finally {
    optimizer.dispose();
  }
}

/** The losses of the first batches, that are trained on first, too. */
function* lossesOf<Group>(batches: Iterable<Group>, loss: (group: Group) => Scalar): Generator<() => Scalar> {
  let left = SCORED_BATCHES;
  for (const group of batches) {
    if (left-- === 0) return;
    yield () => loss(group);
  }
}

/** How many selections were predicted, once the first steps had something to go by. */
function predicted(curve: readonly CurvePoint[]): Pick<MethodReport, 'predicted'> {
  const [start, end] = [curve[STEPS_TO_SETTLE - 1]?.subset, curve.at(-1)?.subset];
  if (!start || !end) return {};
  const hits = end.hits - start.hits;
  const all = hits + end.misses - start.misses;
  return all > 0 ? {predicted: hits / all} : {};
}

/** How large the subset is in each tensor, and how much of it is still there at the end. */
function compare(changes: readonly TensorChange[], end: readonly TensorChange[]): Snapshot['tensors'] {
  const atEnd = new Map(end.map(({name, positions}) => [name, new Set(positions)]));
  return Object.fromEntries(
    changes.map(({name, positions}) => {
      const stay = positions.filter((position) => atEnd.get(name)?.has(position)).length;
      return [name, {size: positions.length, stay}];
    }),
  );
}
