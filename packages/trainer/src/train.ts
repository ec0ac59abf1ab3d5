import {callable, checkOptions, type Kind, type Kinds, map, object, optional, wholeNumber} from '@subset-tuning/checks';
import {nextFrame, type Optimizer, type Scalar, type Variable} from '@tensorflow/tfjs-core';

/** What {@link train} needs of a model: a loss, and which variables to tune. */
export interface Trainable<Batch> {
  /** Mean loss a token of a batch, a scalar. */
  loss(batch: Batch): Scalar;
  /** The weights by name. */
  weights: ReadonlyMap<string, Variable>;
}

/** What {@link train} reads of an optimizer that keeps a subset; any other tfjs optimizer works without. */
export interface SubsetStats {
  /** Entries in the subset. */
  size: number;
  /** Entries that the last step brought in. */
  entered: number;
  /** Entries that the last step sent back to the seed. */
  left: number;
  /** Selections so far that last step's threshold predicted, and those that it did not. */
  hits: number;
  misses: number;
}

/** What can say how its subset did. */
export interface HasStats {
  /** What the last step did. */
  stats(): Promise<SubsetStats>;
}

/** What {@link train} must be told. */
export interface TrainOptions<Batch> {
  model: Trainable<Batch>;
  /** A subset optimizer, or any optimizer of tfjs. */
  optimizer: Optimizer & Partial<HasStats>;
  /** Where the batches come from, one a step. */
  batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** How many steps to take. */
  steps: number;
  /** Tokens of a batch, for the rate. */
  tokensOf: (batch: Batch) => number;
  /** Called after each step, and waited for. */
  onStep?: (point: CurvePoint) => void | Promise<void>;
}

const WEIGHTS = map('a Map of names to variables');
const TRAIN_OPTIONS: Kinds<TrainOptions<unknown>> = {
  model: object(
    'a model: an object with loss, a function, and weights, a Map of names to variables',
    ({loss, weights}) => callable.is(loss) && WEIGHTS.is(weights),
  ),
  optimizer: object(
    'an optimizer, such as dynamicSubset(adamw({learningRate: 1e-3}), {density: 0.01}) or one of tf.train',
    ({minimize}) => callable.is(minimize),
  ),
  batches: {
    expected: 'an array of batches, or another iterable or async iterable of such',
    is: (value) =>
      typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value),
  } satisfies Kind,
  steps: wholeNumber(1),
  tokensOf: callable,
  onStep: optional(callable),
};

/** One step of the curve. */
export interface CurvePoint {
  /** The step, counted from 1. */
  step: number;
  /** Loss of the step's batch before its update. */
  loss: number;
  /** Tokens a second of this step, its wait for `batches` included, `onStep` not. */
  tokensPerSecond: number;
  /** What the optimizer says of its subset, where it keeps one. */
  subset?: SubsetStats;
  /** The share of the subset that this step replaced: entered / size. 0 for an empty subset. */
  churn?: number;
}

/**
 * Takes steps of an optimizer over batches and returns the curve.
 *
 * Gives the event loop a turn after each step, so that a page stays alive. Holds no tensors between steps.
 * Ends early where `batches` ends: the curve has as many points as steps were taken.
 *
 * @throws where an option is not as described, and whatever `loss`, the optimizer or `onStep` throw; the
 * weights are then those of the last whole step.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {adamw, dynamicSubset} from '@subset-tuning/optimizer';
 * import {train} from '@subset-tuning/trainer';
 *
 * const x = tf.variable(tf.zeros([8]), true, 'x');
 * const model = {weights: new Map([['x', x]]), loss: (target: number) => tf.mean<tf.Scalar>(tf.square(tf.sub(x, target)))};
 * const optimizer = dynamicSubset(adamw({learningRate: 0.1}), {parameters: 2});
 * const curve = await train({model, optimizer, batches: [1, 1, 1], steps: 3, tokensOf: () => 8});
 * console.log(curve.map(({loss}) => loss)); // falling
 * ```
 */
export async function train<Batch>(options: TrainOptions<Batch>): Promise<CurvePoint[]> {
  checkOptions('train', options, TRAIN_OPTIONS);
  const {model, optimizer, batches, steps, tokensOf, onStep} = options;
  const variables = [...model.weights.values()].filter((variable) => variable.trainable);
  const curve: CurvePoint[] = [];
  let began = performance.now();
  for await (const batch of batches) {
    const cost = optimizer.minimize(() => model.loss(batch), true, variables);
    if (cost === null) throw new Error('train: the optimizer returned no loss');
    let loss: number;
    try {
      [loss] = await cost.data();
    } finally {
      cost.dispose();
    }
    const stats = await optimizer.stats?.();
    const seconds = (performance.now() - began) / 1000;
    const point: CurvePoint = {
      step: curve.length + 1,
      loss,
      tokensPerSecond: tokensOf(batch) / seconds,
      ...(stats && subsetPoint(stats)),
    };
    curve.push(point);
    await onStep?.(point);
    await nextFrame();
    if (curve.length === steps) break;
    began = performance.now();
  }
  return curve;
}

function subsetPoint(stats: SubsetStats): Pick<CurvePoint, 'subset' | 'churn'> {
  const {size, entered, left, hits, misses} = stats;
  return {subset: {size, entered, left, hits, misses}, churn: size === 0 ? 0 : entered / size};
}
