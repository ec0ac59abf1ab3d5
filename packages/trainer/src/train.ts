import {
  callable,
  checkOptions,
  flag,
  type Kind,
  type Kinds,
  map,
  object,
  optional,
  wholeNumber,
} from '@subset-tuning/checks';
import {dispose, type Optimizer, type Scalar, type Variable} from '@tensorflow/tfjs-core';
import {nextTurn} from './next-turn.js';
import {withoutReturn} from './without-return.js';

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
  /**
   * Where the batches come from, one a step. An iterator, such as a generator, is not closed when training stops, so
   * another `train` goes on with its next batch. Any other iterable, such as an array, begins anew with each `train`.
   */
  batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** How many steps to take. */
  steps: number;
  /** Tokens of a batch, for the rate. */
  tokensOf: (batch: Batch) => number;
  /** Called after each step, and waited for. */
  onStep?: (point: CurvePoint) => void | Promise<void>;
  /**
   * Whether to throw at a loss that is NaN or infinite, before its step is applied. Default false: the step is applied
   * and training goes on. Where it is true, each step waits for its loss to be read before it changes the weights.
   */
  stopAtNonFiniteLoss?: boolean;
  /**
   * Stops training between two steps: the promise is rejected with the signal's reason. A step that has begun is finished
   * first, its wait for a batch and `onStep` included, so that another `train` goes on as if there had been no stop.
   */
  signal?: AbortSignal;
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
  stopAtNonFiniteLoss: optional(flag),
  signal: optional({expected: 'an AbortSignal', is: (value) => value instanceof AbortSignal}),
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
 * Gives the event loop a turn after each step, so that a page stays alive; goes on in a hidden tab. Holds no tensors
 * between steps. Ends early where `batches` ends: the curve has as many points as steps were taken. It takes no batch
 * more than it takes steps.
 *
 * @throws where an option is not as described, and whatever `batches`, `loss`, the optimizer or `onStep` throw; the
 * weights are then those of the last whole step, and the step that threw has used its batch up. Likewise at a loss that
 * is not finite, where that is asked for; the error names the step, counted from 1, and the loss. The reason of `signal`,
 * where it is aborted before all steps are taken.
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
  const {model, optimizer, batches, steps, tokensOf, onStep, stopAtNonFiniteLoss = false, signal} = options;
  const variables = [...model.weights.values()].filter((variable) => variable.trainable);
  const takeStep = stopAtNonFiniteLoss ? takeFiniteStep : takeAnyStep;
  const curve: CurvePoint[] = [];
  signal?.throwIfAborted();
  let began = performance.now();
  for await (const batch of withoutReturn(batches)) {
    const step = curve.length + 1;
    const loss = await takeStep(optimizer, () => model.loss(batch), variables, step);
    const stats = await optimizer.stats?.();
    const seconds = (performance.now() - began) / 1000;
    const point: CurvePoint = {
      step,
      loss,
      tokensPerSecond: tokensOf(batch) / seconds,
      ...(stats && subsetPoint(stats)),
    };
    curve.push(point);
    await onStep?.(point);
    await nextTurn();
    if (step === steps) break;
    signal?.throwIfAborted();
    began = performance.now();
  }
  return curve;
}

/** Takes a step and gives its loss. */
async function takeAnyStep(optimizer: Optimizer, loss: () => Scalar, variables: Variable[]): Promise<number> {
  const cost = optimizer.minimize(loss, true, variables);
  if (cost === null) throw new Error('train: the optimizer returned no loss');
  try {
    return (await cost.data())[0];
  } finally {
    cost.dispose();
  }
}

/** The same in two halves, as `minimize` does it, with a look at the loss in between. */
async function takeFiniteStep(
  optimizer: Optimizer,
  loss: () => Scalar,
  variables: Variable[],
  step: number,
): Promise<number> {
  const {value, grads} = optimizer.computeGradients(loss, variables);
  try {
    const [cost] = await value.data();
    if (!Number.isFinite(cost)) {
      throw new Error(
        `train: the loss of step ${step} is ${cost}, expected a finite number; the step is not applied, the weights are as before it`,
      );
    }
    optimizer.applyGradients(variables.map(({name}) => ({name, tensor: grads[name]})));
    return cost;
  } finally {
    dispose([value, grads]);
  }
}

function subsetPoint(stats: SubsetStats): Pick<CurvePoint, 'subset' | 'churn'> {
  const {size, entered, left, hits, misses} = stats;
  return {subset: {size, entered, left, hits, misses}, churn: size === 0 ? 0 : entered / size};
}
