import {fullTuning, randomSubset} from '@subset-tuning/adapters';
import {type CausalModel, collate} from '@subset-tuning/models';
import {adamw, type DynamicSubsetOptimizer, dynamicSubset, type TensorChange, warmup} from '@subset-tuning/optimizer';
import {encodePair, formalShare, type TranslationExample} from '@subset-tuning/tasks';
import {batchesByTokens, type CurvePoint, train} from '@subset-tuning/trainer';
import type {Data} from './load-data.js';
import type {Recipe} from './methods.js';
import type {MethodReport, Snapshot} from './report.js';
import {FORMAT, translate} from './translate.js';

export interface TuneOptions {
  steps: number;
  /** About how many tokens a step sees. */
  tokensPerStep: number;
  /** Seed of the order of the data and of the random subset. */
  seed: number;
  /** Whether to look at the validation translations and at the subset along the way. */
  watch: boolean;
  onStep?: (point: CurvePoint) => void;
}

export interface Tuned
  extends Pick<MethodReport, 'curve' | 'validation' | 'snapshots' | 'predicted' | 'trainingSeconds'> {
  changes: TensorChange[];
}

const WARMUP_STEPS = 5;
const STEPS_PER_SNAPSHOT = 5;
/** Where watched, the validation sentences are translated before the first step and after each tenth. */
export const STEPS_PER_VALIDATION = 10;
const STEPS_TO_SETTLE = 10;

/** Tunes a model in place by a recipe, on the pairs that address someone formally. */
export async function tune(model: CausalModel, data: Data, recipe: Recipe, options: TuneOptions): Promise<Tuned> {
  const {steps, tokensPerStep, seed, watch, onStep} = options;
  const examples = data.train.map((pair) => encodePair(pair, model.tokenizer, FORMAT));
  const groups = batchesByTokens(examples, {tokens: tokensPerStep, seed, lengthOf: ({ids}) => ids.length});
  const optimizer = createOptimizer(recipe, seed);
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
      model: {weights: model.weights, loss: (group: TranslationExample[]) => model.loss(collate(group))},
      optimizer,
      batches: groups,
      steps,
      tokensOf: (group) => group.reduce((sum, {ids}) => sum + ids.length, 0),
      onStep: async (point) => {
        trainingSeconds += (performance.now() - began) / 1000;
        onStep?.(point);
        if (watch && point.step % STEPS_PER_VALIDATION === 0) await look(point.step);
        if (watch && recipe.method === 'subset' && (point.step === 1 || point.step % STEPS_PER_SNAPSHOT === 0)) {
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

/**
 * AdamW, at a constant rate after a short rise. Its decay pulls back to the seed: pulled to zero, every large weight
 * would move away from the seed at each step and take a place in the subset for that alone.
 */
function createOptimizer({method, density, learningRate, silos}: Recipe, seed: number): DynamicSubsetOptimizer {
  const rule = adamw({
    learningRate: warmup({steps: WARMUP_STEPS, after: learningRate}),
    decayTowards: 'seed',
  });
  if (method === 'full') return fullTuning(rule);
  if (method === 'random') return randomSubset(rule, {density, silos, seed});
  return dynamicSubset(rule, {density, silos});
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
