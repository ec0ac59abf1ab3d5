import {createDelta, writeDelta} from '@subset-tuning/deltas';
import {loadSpanExtractor, type SpanExtractor} from '@subset-tuning/models';
import type {DynamicSubsetOptimizer} from '@subset-tuning/optimizer';
import {getTask, type SquadRow, spanView} from '@subset-tuning/tasks';
import {batchesByTokens, type CurvePoint, train} from '@subset-tuning/trainer';
import {type Answers, answersOf, type Scores, scoresOf} from './answers.js';
import {createOptimizer, type OptimizerOptions} from './create-optimizer.js';
import {type Fingerprint, fingerprintOf, type Proofs, prove} from './prove.js';
import {randomSpans} from './random-spans.js';
import type {Split} from './split-by-paragraph.js';

export interface DemoOptions extends OptimizerOptions, Split {
  /** A checkpoint's folder. */
  model: string;
  /** Of the head's first weights, of the batches and of what chance is. */
  seed: number;
  /** At most so many tokens of question and text at once. */
  windowTokens: number;
  /** About so many a step. */
  tokensPerStep: number;
  onStep?: (point: CurvePoint, delta: () => Promise<Uint8Array>) => void | Promise<void>;
}

export interface DemoResult {
  /** Of words drawn by chance, of the head as it was drawn, and of the tuned model. */
  scores: {chance: Scores; before: Scores; after: Scores};
  answers: {before: Answers; after: Answers};
  windows: number;
  parameters: number;
  changedParameters: number;
  /** Before the update of each step. */
  losses: number[];
  tuningSeconds: number;
  /** A delta's file. */
  delta: Uint8Array;
  proofs: Proofs;
}

/** So many questions are answered to prove that a model is the same. */
const PROOF_ROWS = 8;

/**
 * Gives a pretrained model a new head for spans, tunes it on questions about some paragraphs, and measures it on questions
 * about others. Loads the model once more and proves that the delta makes the tuned model of it, and can be taken back.
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const {training, heldOut, seed} = options;
  const load = () => loadSpanExtractor(options.model, {head: 'new', seed});
  const proved = heldOut.slice(0, PROOF_ROWS);
  const model = await load();
  let tuned: Omit<DemoResult, 'proofs'>;
  let fingerprint: Fingerprint;
  try {
    const before = await answersOf(model, heldOut);
    const made = await tune(model, options);
    const after = await answersOf(model, heldOut);
    fingerprint = await fingerprintOf(model, proved);
    tuned = {
      scores: {
        chance: scoresOf(randomSpans(heldOut, training, seed), heldOut),
        before: scoresOf(before, heldOut),
        after: scoresOf(after, heldOut),
      },
      answers: {before, after},
      parameters: Array.from(model.weights.values()).reduce((sum, {size}) => sum + size, 0),
      ...made,
    };
  } finally {
    model.dispose();
  }
  return {...tuned, proofs: await prove(load, proved, tuned.delta, fingerprint)};
}

async function tune(
  model: SpanExtractor,
  options: DemoOptions,
): Promise<Pick<DemoResult, 'windows' | 'changedParameters' | 'losses' | 'tuningSeconds' | 'delta'>> {
  const {training, seed, windowTokens, tokensPerStep, steps, onStep} = options;
  const {encoder} = getTask('xquad').prompts;
  const view = await spanView<SquadRow>(encoder, training, model.tokenizer, {maxTokens: windowTokens});
  const optimizer = createOptimizer(options);
  const start = performance.now();
  try {
    const curve = await train({
      model: {weights: model.weights, loss: (batch: typeof view.examples) => model.loss(view.collate(batch))},
      optimizer,
      batches: batchesByTokens(view.examples, {tokens: tokensPerStep, seed, lengthOf: view.lengthOf}),
      steps,
      tokensOf: (batch) => batch.reduce((sum, example) => sum + view.lengthOf(example), 0),
      stopAtNonFiniteLoss: true,
      onStep: (point) => onStep?.(point, () => deltaOf(model, optimizer)),
    });
    return {
      tuningSeconds: (performance.now() - start) / 1000,
      windows: view.examples.length,
      changedParameters: (await optimizer.stats()).size,
      losses: curve.map(({loss}) => loss),
      delta: await deltaOf(model, optimizer),
    };
  } finally {
    optimizer.dispose();
  }
}

async function deltaOf({id, weights}: SpanExtractor, optimizer: DynamicSubsetOptimizer): Promise<Uint8Array> {
  return writeDelta(await createDelta(await optimizer.subset(), {base: id, weights}));
}
