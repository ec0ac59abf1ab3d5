import {createDelta, writeDelta} from '@subset-tuning/deltas';
import {type CausalModel, collate, type Example, loadModel} from '@subset-tuning/models';
import {type CurvePoint, train} from '@subset-tuning/trainer';
import {createOptimizer} from './create-optimizer.js';
import {meanLoss, resultOf} from './measure.js';
import {encodeProblem, type Problem} from './problems.js';
import {type Outputs, outputsOf, type Proofs, prove} from './prove.js';

export interface DemoOptions {
  /** A checkpoint's folder or GGUF file. */
  model: string;
  training: readonly Problem[];
  heldOut: readonly Problem[];
  /** The share of the weights that may change. */
  density: number;
  learningRate: number;
  steps: number;
  rowsPerStep: number;
  onStep?: (point: CurvePoint) => void;
}

/** How a model does on the held-out problems. */
export interface Measures {
  /** Nats a token of the given answers. */
  loss: number;
  /** The share of its own answers that end with a line of the form `#### 72`. */
  format: number;
  /** The share of them whose result is right, besides. */
  right: number;
}

export interface DemoResult {
  before: Measures;
  after: Measures;
  /** The model's answers to the held-out problems. */
  answers: {before: string[]; after: string[]};
  parameters: number;
  changedParameters: number;
  /** Before the update of each step. */
  losses: number[];
  tuningSeconds: number;
  /** A delta's file. */
  delta: Uint8Array;
  proofs: Proofs;
}

const ANSWER_TOKENS = 128;

/**
 * Tunes a subset of a model's weights on problems and measures what it has learned on others: how likely their answers
 * are, and whether its own have the format of what it was shown. Loads the model once more and proves that the delta makes
 * the tuned model of it, and can be taken back.
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const {heldOut} = options;
  const seed = await loadModel(options.model);
  let tuned: Omit<DemoResult, 'proofs'> & {outputs: Outputs};
  try {
    const before = await outputsOf(seed, heldOut, ANSWER_TOKENS);
    const measuredBefore = await measure(seed, heldOut, before);
    const training = await tune(seed, options);
    const after = await outputsOf(seed, heldOut, ANSWER_TOKENS);
    tuned = {
      before: measuredBefore,
      after: await measure(seed, heldOut, after),
      answers: {before: before.answers, after: after.answers},
      parameters: Array.from(seed.weights.values()).reduce((sum, {size}) => sum + size, 0),
      ...training,
      outputs: after,
    };
  } finally {
    seed.dispose();
  }
  const {outputs, ...result} = tuned;
  return {...result, proofs: await prove(options.model, heldOut, ANSWER_TOKENS, {delta: result.delta, outputs})};
}

async function tune(
  model: CausalModel,
  {training, density, learningRate, steps, rowsPerStep, onStep}: DemoOptions,
): Promise<Pick<DemoResult, 'changedParameters' | 'losses' | 'tuningSeconds' | 'delta'>> {
  const examples = training.map((problem) => withEnd(encodeProblem(problem, model), model));
  const optimizer = await createOptimizer({method: 'shrinking', density, learningRate, steps});
  const start = performance.now();
  try {
    const curve = await train({
      model: {weights: model.weights, loss: (batch: Example[]) => model.loss(collate(batch))},
      optimizer,
      batches: batchesOf(examples, rowsPerStep),
      steps,
      tokensOf: (batch) => batch.reduce((sum, {ids}) => sum + ids.length, 0),
      onStep: (point) => onStep?.(point),
    });
    const tuningSeconds = (performance.now() - start) / 1000;
    const delta = await createDelta(await optimizer.subset(), {base: model.id, weights: model.weights});
    return {
      changedParameters: (await optimizer.stats()).size,
      losses: curve.map(({loss}) => loss),
      tuningSeconds,
      delta: writeDelta(delta),
    };
  } finally {
    optimizer.dispose();
  }
}

/** So that the model learns to stop. */
function withEnd({ids, sourceLength}: Example, {config}: CausalModel): Example {
  return {ids: [...ids, ...config.eosTokenIds.slice(0, 1)], sourceLength};
}

/** Over the examples again and again, in their order. */
function* batchesOf(examples: readonly Example[], rows: number): Generator<Example[]> {
  for (let at = 0; ; at += rows) {
    yield Array.from({length: rows}, (_, i) => examples[(at + i) % examples.length]);
  }
}

async function measure(model: CausalModel, heldOut: readonly Problem[], {answers}: Outputs): Promise<Measures> {
  const results = answers.map(resultOf);
  const wanted = heldOut.map(({answer}) => resultOf(answer));
  const shareOf = (is: (result: number | undefined, i: number) => boolean) =>
    results.filter(is).length / results.length;
  return {
    loss: await meanLoss(
      model,
      heldOut.map((problem) => encodeProblem(problem, model)),
    ),
    format: shareOf((result) => result !== undefined),
    right: shareOf((result, i) => result !== undefined && result === wanted[i]),
  };
}
