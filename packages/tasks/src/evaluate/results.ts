import type {Prompt} from '../prompts/prompt.js';
import type {Task} from '../task.js';
import type {EvaluateOptions} from './evaluate-options.js';
import type {NamedModel, TextModel} from './evaluated-model.js';
import type {HarnessTask} from './harness-tasks.js';
import {sanitized} from './result-files.js';
import type {EvaluationSample} from './samples.js';
import type {EvaluationScore} from './score-answers.js';
import {sha256} from './sha-256.js';

/** All that an evaluation's results say, by the keys of lm-evaluation-harness's `results_….json`. */
export interface EvaluationResults {
  /** By task: `acc,none`, `acc_stderr,none` and so on. */
  readonly results: Readonly<Record<string, Readonly<Record<string, string | number>>>>;
  readonly configs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly versions: Readonly<Record<string, number | null>>;
  readonly 'n-shot': Readonly<Record<string, number>>;
  readonly higher_is_better: Readonly<Record<string, Readonly<Record<string, boolean>>>>;
  readonly 'n-samples': Readonly<Record<string, {readonly original: number; readonly effective: number}>>;
  readonly task_hashes: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** What an evaluation's results are made of. */
export interface ResultParts {
  model: NamedModel & Partial<TextModel>;
  task: Task;
  prompt: Prompt;
  harness: HarnessTask;
  options: EvaluateOptions;
  shots: number;
  split: string;
  batchSize: number;
  /** Rows of the split, and of those that were asked about. */
  rows: {original: number; effective: number};
  scores: readonly EvaluationScore[];
  samples: readonly EvaluationSample[];
  start: Date;
}

/** The version of lm-evaluation-harness whose files these are. */
const HARNESS = '0.4.13';

/** What `results_….json` has. */
export async function resultsOf(parts: ResultParts): Promise<EvaluationResults> {
  const {model, harness, options, shots, batchSize, rows, scores, samples, start} = parts;
  const {name} = harness;
  const {system, chat = false, shotsAsTurns = false, limit, seed = 0} = options;
  const template = chat ? (model.chatTemplates?.texts.get('default') ?? null) : null;
  const told: Record<string, string | number> = {name, alias: name, sample_len: rows.effective};
  const higherIsBetter: Record<string, boolean> = {};
  for (const score of scores) {
    told[`${score.metric},${score.filter}`] = score.value;
    told[`${score.metric}_stderr,${score.filter}`] = score.standardError ?? 'N/A';
    higherIsBetter[score.metric] = score.higherIsBetter;
  }
  const hashes = samples.map(({doc_hash, prompt_hash, target_hash}) => doc_hash + prompt_hash + target_hash);
  return {
    results: {[name]: told},
    group_subtasks: {},
    configs: {[name]: configOf(parts)},
    versions: {[name]: harness.version ?? null},
    'n-shot': {[name]: shots},
    higher_is_better: {[name]: higherIsBetter},
    'n-samples': {[name]: rows},
    config: {
      ...{model: 'subset-tuning', model_args: {pretrained: model.id}},
      ...(model.weights && {model_num_parameters: parametersOf(model.weights)}),
      ...{batch_size: String(batchSize), batch_sizes: [], device: null, use_cache: null, limit: limit ?? null},
      ...{bootstrap_iters: 1000, gen_kwargs: null},
      ...{random_seed: seed, numpy_seed: seed, torch_seed: seed, fewshot_seed: seed},
    },
    git_hash: null,
    date: start.getTime() / 1000,
    ...{pretty_env_info: 'N/A (torch not installed)', transformers_version: 'N/A', lm_eval_version: HARNESS},
    upper_git_hash: null,
    ...(model.config && {
      eot_token_id: model.config.eosTokenIds[0] ?? null,
      max_length: finite(model.config.maxPositions),
    }),
    task_hashes: {[name]: await sha256(hashes.join(''))},
    ...{model_source: 'subset-tuning', model_name: model.id, model_name_sanitized: sanitized(model.id)},
    system_instruction: system ?? null,
    system_instruction_sha: system ? await sha256(system) : null,
    fewshot_as_multiturn: shotsAsTurns,
    ...{chat_template: template, chat_template_sha: template === null ? null : await sha256(template)},
    total_evaluation_time_seconds: String((Date.now() - start.getTime()) / 1000),
  };
}

/** The task as the harness's files describe one. */
function configOf({task, prompt, harness, options, shots, split}: ResultParts): Record<string, unknown> {
  const {dataSet = [task.dataSet.name], version} = harness;
  const [path, name] = dataSet;
  const [delimiter, shotDelimiter] =
    prompt.kind === 'choices' || prompt.kind === 'generation'
      ? [prompt.delimiter ?? ' ', prompt.shotDelimiter ?? '\n\n']
      : [' ', '\n\n'];
  return {
    task: harness.name,
    dataset_path: path,
    ...(name !== undefined && {dataset_name: name}),
    ...(task.splits.train !== undefined && {training_split: task.splits.train}),
    [split === 'test' ? 'test_split' : 'validation_split']: split,
    ...templatesOf(prompt),
    ...{unsafe_code: false, description: '', target_delimiter: delimiter, fewshot_delimiter: shotDelimiter},
    fewshot_config: {
      ...{sampler: options.sampler === 'first' ? 'first_n' : 'default', split: task.splits.train ?? null},
      ...{fewshot_delimiter: shotDelimiter, target_delimiter: delimiter},
    },
    num_fewshot: shots,
    metric_list: task.metrics.map(({name, options}) => ({metric: name, ...options})),
    ...{repeats: 1, should_decontaminate: false, metadata: {version: version ?? null}},
  };
}

function templatesOf(prompt: Prompt): Record<string, unknown> {
  switch (prompt.kind) {
    case 'choices':
      return {
        ...{doc_to_text: prompt.context, doc_to_target: prompt.right, doc_to_choice: prompt.choices},
        output_type: 'multiple_choice',
      };
    case 'generation':
      return {
        ...{doc_to_text: prompt.context, doc_to_target: prompt.targets, output_type: 'generate_until'},
        generation_kwargs: {until: prompt.until, do_sample: false, temperature: 0},
      };
    case 'pair':
      return {
        doc_to_text: prompt.second === undefined ? prompt.first : `${prompt.first}\n${prompt.second}`,
        ...{doc_to_target: prompt.label, doc_to_choice: prompt.labels, output_type: 'multiple_choice'},
      };
    case 'span':
      return {
        doc_to_text: `${prompt.context}\n${prompt.question}`,
        doc_to_target: 'answers',
        output_type: 'generate_until',
      };
  }
}

function parametersOf(weights: ReadonlyMap<string, {readonly size: number}>): number {
  let sum = 0;
  for (const {size} of weights.values()) sum += size;
  return sum;
}

/** JSON has no infinity. */
function finite(length: number): number | null {
  return Number.isFinite(length) ? length : null;
}
