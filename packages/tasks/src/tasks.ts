import {checkOptions, type Kind, type Kinds, object, optional, show, text, wholeNumber} from '@subset-tuning/checks';
import {dataSets} from './data/data-sets.js';
import {SUPER_GLUE_LABELS} from './data/super-glue-rows.js';
import {makeMetric} from './metrics/make-metric.js';
import {GSM8K_PROMPTS} from './prompts/gsm8k-prompts.js';
import {checkPrompt} from './prompts/prompt.js';
import {SQUAD_PROMPTS, SQUAD2_NO_ANSWER, SQUAD2_PROMPTS} from './prompts/squad-prompts.js';
import {SUPER_GLUE_PROMPTS} from './prompts/super-glue-prompts.js';
import {translationPrompts} from './prompts/translation-prompts.js';
import type {Task, TaskMetric, TaskSplits} from './task.js';

const SUPER_GLUE = {train: 'train', evaluation: 'validation'};
const DIAGNOSTIC = {evaluation: 'test'};
const accuracy = [{name: 'accuracy'}];
const TRANSLATION = [{name: 'bleu'}, {name: 'chrf'}, {name: 'ter'}];

/** The tasks that are built in, by name. */
export const builtInTasks = {
  boolq: {
    ...{name: 'boolq', description: 'yes/no questions about a passage', dataSet: dataSets.boolq, splits: SUPER_GLUE},
    ...{prompts: SUPER_GLUE_PROMPTS.boolq, labels: SUPER_GLUE_LABELS.boolq, metrics: accuracy},
  },
  cb: {
    ...{name: 'cb', description: 'whether a sentence follows from another', dataSet: dataSets.cb, splits: SUPER_GLUE},
    ...{prompts: SUPER_GLUE_PROMPTS.cb, labels: SUPER_GLUE_LABELS.cb},
    metrics: [{name: 'accuracy'}, {name: 'macroF1', options: {labels: [0, 1, 2]}}],
  },
  copa: {
    ...{name: 'copa', description: 'which is the cause, or the effect', dataSet: dataSets.copa, splits: SUPER_GLUE},
    ...{prompts: SUPER_GLUE_PROMPTS.copa, labels: SUPER_GLUE_LABELS.copa, metrics: accuracy},
  },
  multirc: {
    ...{name: 'multirc', description: 'which answers to a question are right', dataSet: dataSets.multirc},
    ...{splits: SUPER_GLUE, prompts: SUPER_GLUE_PROMPTS.multirc, labels: SUPER_GLUE_LABELS.multirc},
    metrics: [
      {name: 'multiRC', options: {value: 'f1a'}, groupBy: '{{ idx.paragraph }}/{{ idx.question }}'},
      {name: 'multiRC', options: {value: 'exact'}, groupBy: '{{ idx.paragraph }}/{{ idx.question }}'},
    ],
  },
  record: {
    ...{name: 'record', description: 'which entity is missing', dataSet: dataSets.record, splits: SUPER_GLUE},
    prompts: SUPER_GLUE_PROMPTS.record,
    metrics: [
      {name: 'record', options: {value: 'f1'}},
      {name: 'record', options: {value: 'exact'}},
    ],
  },
  rte: {
    ...{name: 'rte', description: 'whether a sentence follows from another', dataSet: dataSets.rte, splits: SUPER_GLUE},
    ...{prompts: SUPER_GLUE_PROMPTS.rte, labels: SUPER_GLUE_LABELS.rte, metrics: accuracy},
  },
  wic: {
    ...{name: 'wic', description: 'whether a word means the same twice', dataSet: dataSets.wic, splits: SUPER_GLUE},
    ...{prompts: SUPER_GLUE_PROMPTS.wic, labels: SUPER_GLUE_LABELS.wic, metrics: accuracy},
  },
  wsc: {
    ...{name: 'wsc', description: 'whether a pronoun refers to a noun', dataSet: dataSets.wsc, splits: SUPER_GLUE},
    ...{prompts: SUPER_GLUE_PROMPTS.wsc, labels: SUPER_GLUE_LABELS.wsc, metrics: accuracy},
  },
  axb: {
    ...{name: 'axb', description: 'broad-coverage diagnostic of entailment', dataSet: dataSets.axb, splits: DIAGNOSTIC},
    ...{prompts: SUPER_GLUE_PROMPTS.axb, labels: SUPER_GLUE_LABELS.axb},
    metrics: [{name: 'matthews', options: {labels: [0, 1]}}],
  },
  axg: {
    ...{name: 'axg', description: 'Winogender diagnostic of entailment', dataSet: dataSets.axg, splits: DIAGNOSTIC},
    ...{prompts: SUPER_GLUE_PROMPTS.axg, labels: SUPER_GLUE_LABELS.axg},
    metrics: [{name: 'accuracy'}, {name: 'genderParity', groupBy: '{{ pair_id }}'}],
  },
  squad: {
    ...{name: 'squad', description: 'questions about a paragraph', dataSet: dataSets.squad, splits: SUPER_GLUE},
    prompts: SQUAD_PROMPTS,
    metrics: [
      {name: 'squad', options: {value: 'f1'}},
      {name: 'squad', options: {value: 'exact'}},
    ],
  },
  squad2: {
    ...{name: 'squad2', description: 'questions that a paragraph may not answer', dataSet: dataSets.squad2},
    ...{splits: SUPER_GLUE, prompts: SQUAD2_PROMPTS},
    metrics: [
      {name: 'squad2', options: {value: 'f1', noAnswerText: SQUAD2_NO_ANSWER}},
      {name: 'squad2', options: {value: 'exact', noAnswerText: SQUAD2_NO_ANSWER}},
    ],
  },
  xquad: {
    ...{name: 'xquad', description: 'questions about a paragraph, in English', dataSet: dataSets.xquad},
    ...{splits: {evaluation: 'en'}, prompts: SQUAD_PROMPTS},
    metrics: [
      {name: 'squad', options: {value: 'f1'}},
      {name: 'squad', options: {value: 'exact'}},
    ],
  },
  gsm8k: {
    ...{name: 'gsm8k', description: 'grade-school mathematics', dataSet: dataSets.gsm8k, shots: 5},
    ...{splits: {train: 'train', evaluation: 'test'}, prompts: GSM8K_PROMPTS},
    metrics: [
      {name: 'gsm8k', options: {extraction: 'strict'}},
      {name: 'gsm8k', options: {extraction: 'flexible'}},
    ],
  },
  tatoeba: {
    ...{name: 'tatoeba', description: 'translation of short sentences into German', dataSet: dataSets.tatoeba},
    ...{splits: {train: 'train', evaluation: 'test'}, prompts: translationPrompts('English', 'German')},
    metrics: TRANSLATION,
  },
  multi30k: {
    ...{name: 'multi30k', description: 'translation of captions into German', dataSet: dataSets.multi30k},
    ...{splits: {train: 'train', evaluation: 'test'}, prompts: translationPrompts('English', 'German')},
    metrics: TRANSLATION,
  },
} as const;

const added = new Map<string, Task>();
const SPLITS: Kinds<TaskSplits> = {train: optional(text), evaluation: text};
const METRIC: Kinds<TaskMetric> = {name: text, options: optional(object('an object')), groupBy: optional(text)};
const list: Kind = {expected: 'an array', is: Array.isArray};
const TASK: Kinds<Task> = {
  ...{name: text, description: text},
  dataSet: object(
    'a data set',
    ({name, splits, read}) => text.is(name) && object('').is(splits) && typeof read === 'function',
  ),
  ...{splits: object('{train, evaluation}'), prompts: object('prompts by their form')},
  ...{labels: optional(list), shots: optional(wholeNumber(0)), metrics: list},
};

/**
 * The names of all tasks, in the order of the alphabet.
 *
 * @example
 * ```ts
 * import {listTasks} from '@subset-tuning/tasks';
 * console.log(listTasks()); // ['axb', 'axg', 'boolq', …]
 * ```
 */
export function listTasks(): string[] {
  return [...Object.keys(builtInTasks), ...added.keys()].sort();
}

/**
 * A task by its name.
 *
 * @throws where there is none.
 *
 * @example
 * ```ts
 * import {getTask} from '@subset-tuning/tasks';
 * const {dataSet, splits, prompts} = getTask('copa');
 * console.log(splits.evaluation, prompts.causal.choices);
 * ```
 */
export function getTask<Name extends keyof typeof builtInTasks>(name: Name): (typeof builtInTasks)[Name];
export function getTask(name: string): Task;
export function getTask(name: string): Task {
  const task = Object.hasOwn(builtInTasks, name) ? builtInTasks[name as keyof typeof builtInTasks] : added.get(name);
  if (!task) throw new Error(`getTask: there is no task ${show(name)}, expected one of ${listTasks().join(', ')}`);
  return task;
}

/**
 * Adds a task to those that {@link getTask} knows.
 *
 * @throws where it is none, it names a metric that there is none of or that refuses its options, or its name is taken.
 */
export function addTask<Row extends object>(task: Task<Row>): void {
  checkOptions<Task>('addTask', task, TASK);
  checkOptions('addTask: splits', task.splits, SPLITS);
  for (const [form, prompt] of Object.entries(task.prompts)) checkPrompt(`addTask: prompts.${form}`, prompt);
  for (const split of Object.values(task.splits)) {
    if (Object.hasOwn(task.dataSet.splits, split)) continue;
    const known = Object.keys(task.dataSet.splits).join(', ');
    throw new Error(`addTask: ${task.dataSet.name} has no split ${show(split)}, expected one of ${known}`);
  }
  for (const [i, metric] of task.metrics.entries()) checkMetric(`addTask: metrics[${i}]`, metric);
  if (listTasks().includes(task.name)) throw new Error(`addTask: there is a task ${show(task.name)} already`);
  added.set(task.name, task);
}

function checkMetric(where: string, metric: TaskMetric): void {
  checkOptions(where, metric, METRIC);
  try {
    makeMetric(metric.name, metric.options ?? {});
  } catch (cause) {
    throw new Error(`${where}: ${cause instanceof Error ? cause.message : show(cause)}`, {cause});
  }
}
