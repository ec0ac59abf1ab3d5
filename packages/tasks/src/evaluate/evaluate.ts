import {check, type Kind, object, show} from '@subset-tuning/checks';
import {readSplit} from '../data/data-set.js';
import {chooseShots} from '../prompts/choose-shots.js';
import {checkPrompt, type Prompt} from '../prompts/prompt.js';
import {type PromptRequest, renderPrompt} from '../prompts/render-prompt.js';
import {loadRenderer} from '../prompts/template.js';
import type {Task} from '../task.js';
import {getTask} from '../tasks.js';
import type {Answer} from './answer.js';
import {ask} from './ask.js';
import {checkEvaluateOptions, type EvaluateOptions} from './evaluate-options.js';
import type {EvaluatedModel, TextModel} from './evaluated-model.js';
import {harnessTask} from './harness-tasks.js';
import {type PlannedMetric, planMetrics} from './plan-metrics.js';
import {fileNames, writeInto} from './result-files.js';
import {type EvaluationResults, resultsOf} from './results.js';
import {type EvaluationSample, filtersOf, samplesOf} from './samples.js';
import {type AnsweredRow, type EvaluationScore, scoreChoices, scoreMetric} from './score-answers.js';

/** What {@link evaluate} gives. */
export interface Evaluation {
  /** The task's scores, the one that is told where there is room for one first. */
  readonly scores: readonly EvaluationScore[];
  /** What the results file has. */
  readonly results: EvaluationResults;
  /** What the samples file has: one a row for each filter. */
  readonly samples: readonly EvaluationSample[];
}

const MODEL: Kind = object('a model with an id', ({id}) => typeof id === 'string');
/** Rows of so many batches are sorted by length at a time; what is answered is written when all of them are. */
const BATCHES = 16;

/**
 * Asks a model about a task's rows and scores its answers.
 *
 * What is asked, how texts become tokens, what counts as right and what is written is as in lm-evaluation-harness 0.4.13: for
 * a causal model the likeliest choice, or greedy generation up to where the prompt says that it ends. Rows of like length are
 * asked about together.
 *
 * @param model What the prompt's kind needs: models of `@subset-tuning/models` have it.
 * @param task A task, or the name of one.
 * @throws where an option is not such, the model lacks what the prompt needs, a row has no label or is malformed; the
 * signal's reason. Lines that are written by then are whole.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import {loadModel} from '@subset-tuning/models';
 * import {evaluate} from '@subset-tuning/tasks';
 * import {read} from '@subset-tuning/tiny-translator';
 *
 * const model = await loadModel('tiny-translator', {read});
 * const data = async () => new TextEncoder().encode('Where do you live?\tWo wohnen Sie?\nI am tired.\tIch bin müde.\n');
 * const prompt = {kind: 'generation', context: '{{source}}<de>', targets: ['{{target}}'], until: []} as const;
 * const {scores} = await evaluate(model, 'tatoeba', {data, prompt});
 * for (const {metric, value, standardError} of scores) console.log(metric, value, standardError); // bleu, chrf, ter
 * model.dispose();
 * ```
 */
export async function evaluate(
  model: EvaluatedModel,
  task: Task | string,
  options: EvaluateOptions,
): Promise<Evaluation> {
  check('evaluate: model', model, MODEL);
  checkEvaluateOptions(options);
  const plan = planOf(model, typeof task === 'string' ? getTask(task) : task, options);
  const {signal, batchSize = 16, seed = 0, onProgress = () => {}} = options;
  signal?.throwIfAborted();
  const start = new Date();
  const {rows, original, pool} = await readRows(plan, options);
  const render = await loadRenderer();
  const names = fileNames(model.id, plan.harness.name, start);
  const write = typeof options.output === 'string' ? writeInto(options.output) : options.output;

  const answered: AnsweredRow[] = [];
  const samples: EvaluationSample[] = [];
  onProgress({done: 0, total: rows.length});
  for (let first = 0; first < rows.length; first += BATCHES * batchSize) {
    const some = rows.slice(first, first + BATCHES * batchSize);
    const requests: PromptRequest[] = [];
    for (const [i, row] of some.entries()) requests.push(await requestOf(model, plan, row, first + i, pool, options));
    let done = first;
    const answers = await inBatches(requests, batchSize, signal, async (batch) => {
      const made = await ask(model, batch, plan.delimiter, options);
      done += batch.length;
      onProgress({done, total: rows.length});
      return made;
    });
    const here = some.map((row, i) => ({row, request: requests[i], answer: answers[i]}));
    const lines: EvaluationSample[] = [];
    for (const [i, each] of here.entries()) {
      lines.push(...(await samplesOf(each, first + i, plan.metrics, {...plan.harness, delimiter: plan.delimiter})));
    }
    await write?.(
      names.samples,
      inOrder(lines, plan.metrics)
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    );
    answered.push(...here);
    samples.push(...lines);
  }

  const scores = [
    ...(plan.prompt.kind === 'choices' ? scoreChoices(answered) : []),
    ...plan.metrics.map((metric) => scoreMetric(metric, answered, render, seed)),
  ];
  const ordered = inOrder(samples, plan.metrics);
  const results = await resultsOf({
    ...{...plan, model, options, batchSize, scores, samples: ordered, start},
    rows: {original, effective: rows.length},
  });
  await write?.(names.results, `${JSON.stringify(results, null, 2)}\n`);
  return {scores, results, samples: ordered};
}

/** What an evaluation asks, decided before anything is read. */
interface Plan {
  task: Task;
  prompt: Prompt;
  harness: ReturnType<typeof harnessTask>;
  metrics: PlannedMetric[];
  split: string;
  /** How many shots a row has, those of the prompt itself among them. */
  shots: number;
  /** How many of them are rows of the training split. */
  drawn: number;
  /** What stands before each choice and is none of it. */
  delimiter: string;
}

function planOf(model: EvaluatedModel & Partial<TextModel>, task: Task, options: EvaluateOptions): Plan {
  const {prompt: given = usualPrompt(model), chat = false} = options;
  let prompt = typeof given === 'string' ? undefined : given;
  if (typeof given === 'string') {
    if (Object.hasOwn(task.prompts, given)) prompt = task.prompts[given];
    else {
      const known = Object.keys(task.prompts).join(', ');
      throw new Error(`evaluate: ${task.name} has no prompt ${show(given)}, expected one of ${known}`);
    }
  }
  if (prompt === undefined) throw new Error(`evaluate: prompt is ${show(given)}, expected a prompt`);
  checkPrompt('evaluate', prompt);
  if (chat && typeof model.applyChatTemplate !== 'function') {
    throw new Error(`evaluate: chat is true, expected a model with applyChatTemplate, which ${show(model.id)} has not`);
  }
  const isText = prompt.kind === 'choices' || prompt.kind === 'generation';
  const own = prompt.kind === 'generation' ? prompt.shots : undefined;
  const canDraw = isText && own === undefined && task.splits.train !== undefined;
  const drawn = options.shots ?? (canDraw ? (task.shots ?? 0) : 0);
  if (drawn > 0 && !canDraw) {
    const why = own
      ? 'the prompt has its own'
      : isText
        ? `${task.name} has no rows to train on`
        : 'an encoder has none';
    throw new Error(`evaluate: shots is ${drawn}, expected none: ${why}`);
  }
  return {
    ...{task, prompt, drawn, shots: own?.length ?? drawn},
    harness: harnessTask(task.name, typeof given === 'string' ? given : 'causal'),
    metrics: planMetrics(task, prompt.kind),
    split: options.split ?? task.splits.evaluation,
    delimiter: chat || prompt.kind !== 'choices' ? '' : (prompt.delimiter ?? ' '),
  };
}

function usualPrompt(model: EvaluatedModel & Partial<TextModel>): string {
  if (model.config?.decoderStartTokenId !== undefined) return 'textToText';
  return 'logProbabilities' in model || 'generate' in model ? 'causal' : 'encoder';
}

/** The rows that are asked about, how many the split has, and those that shots are chosen from. */
async function readRows({task, split, drawn}: Plan, {data, limit = Infinity, sampler, signal}: EvaluateOptions) {
  const rows: object[] = [];
  let original = 0;
  for await (const row of readSplit(task.dataSet, data, split)) {
    signal?.throwIfAborted();
    if (original++ < limit) rows.push(row);
  }
  if (rows.length === 0) throw new Error(`evaluate: ${task.name} has no rows in ${show(split)}, expected at least one`);
  const pool: object[] = [];
  if (drawn > 0) {
    // The row itself may be one of the first.
    const most = sampler === 'first' ? {limit: drawn + 1} : {};
    for await (const row of readSplit(task.dataSet, data, String(task.splits.train), most)) pool.push(row);
  }
  return {rows, original, pool};
}

async function requestOf(
  model: EvaluatedModel & Partial<TextModel>,
  {prompt, drawn}: Plan,
  row: object,
  index: number,
  pool: readonly object[],
  {sampler, seed = 0, chat, system, shotsAsTurns}: EvaluateOptions,
): Promise<PromptRequest> {
  const shots = chooseShots(pool, {shots: drawn, ...(sampler && {sampler}), seed, row, index});
  const request = await renderPrompt(prompt, row, {
    shots,
    ...(system !== undefined && {system}),
    ...(shotsAsTurns !== undefined && {shotsAsTurns}),
    ...(chat && {
      chat: async (messages) => String(await model.applyChatTemplate?.(messages, {addGenerationPrompt: true})),
    }),
  });
  const isLabelled =
    request.kind === 'choices'
      ? request.right.length > 0
      : request.kind === 'generation'
        ? request.targets.length > 0
        : request.kind === 'span' || request.label !== undefined;
  if (isLabelled) return request;
  throw new Error(`evaluate: row ${index} has no label: ${show(row)}, expected rows that say what is right`);
}

/** What this makes of requests of like length together, in their order. */
async function inBatches(
  requests: readonly PromptRequest[],
  batchSize: number,
  signal: AbortSignal | undefined,
  make: (batch: PromptRequest[]) => Promise<Answer[]>,
): Promise<Answer[]> {
  const order = requests
    .map((request, index) => ({index, length: lengthOf(request)}))
    .sort((a, b) => a.length - b.length);
  const answers = new Array<Answer>(requests.length);
  for (let start = 0; start < order.length; start += batchSize) {
    // Several backends answer without a turn of the event loop, in which a signal could come.
    await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    const batch = order.slice(start, start + batchSize);
    const made = await make(batch.map(({index}) => requests[index]));
    for (const [i, {index}] of batch.entries()) answers[index] = made[i];
  }
  return answers;
}

function lengthOf(request: PromptRequest): number {
  switch (request.kind) {
    case 'choices':
      return request.context.length + request.choices.reduce((most, {length}) => Math.max(most, length), 0);
    case 'pair':
      return request.first.length + (request.second?.length ?? 0);
    default:
      return request.context.length;
  }
}

/** Samples as lm-evaluation-harness orders them: all rows of one filter, then of the next. */
function inOrder(samples: readonly EvaluationSample[], metrics: readonly PlannedMetric[]): EvaluationSample[] {
  return filtersOf(metrics).flatMap((filter) => samples.filter((sample) => sample.filter === filter));
}
