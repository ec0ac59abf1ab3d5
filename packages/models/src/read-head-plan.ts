import {show} from '@subset-tuning/checks';
import type {Architecture, Checkpoint, Encoder} from './architecture.js';
import {ConfigReader} from './config-reader.js';
import type {Head, Task} from './head.js';
import {readHeadless} from './read-architecture.js';
import {PROBLEMS, type Problem} from './sequence-classifier.js';

/** How transformers' classes are called that have a task's head. */
const CLASSES: Readonly<Record<Task, readonly string[]>> = {
  classification: ['ForSequenceClassification'],
  choice: ['ForMultipleChoice'],
  span: ['ForQuestionAnswering'],
  masked: ['ForMaskedLM', 'ForPreTraining'],
};
const MOST_LABELS = 2 ** 16;

/** What is asked for besides what a config.json says. */
interface HeadRequest {
  head?: 'new';
  labels?: readonly string[];
  problem?: Problem;
}

/** A model with a head: what is to be read of a checkpoint, and what is to be made new. */
export interface HeadPlan extends Checkpoint {
  architecture: Encoder | Architecture;
  head: Head;
  /** All tensors of the model with their shapes. Those of `shapes` are to be read. */
  all: ReadonlyMap<string, readonly number[]>;
  /** The standard deviation of what is made new. */
  range: number;
  /** What its outputs stand for. */
  labels: readonly string[];
  problem: Problem;
}

/** The head of a decoder-only model that reads a label off the last token. */
function lastTokenHead(hiddenSize: number): Head {
  return {
    reads: 'last',
    output: 'score',
    shapes: (outputs) => [['score.weight', [outputs, hiddenSize]]],
    apply: (x, verbs) => verbs.project(x, 'score'),
  };
}

/** What a `config.json` describes, with the head for a task. */
export function readHeadPlan(json: unknown, task: Task, request: HeadRequest): HeadPlan {
  const architecture = readHeadless(json);
  const reader = new ConfigReader(json);
  const head = headOf(architecture, task, reader);
  const isNew = request.head === 'new';
  if (!isNew) checkClasses(reader, task);
  const labels = task === 'classification' ? (request.labels ?? readLabels(reader)) : [];
  if (task === 'classification' && (labels.length === 0 || labels.length > MOST_LABELS)) {
    throw new Error(`loadClassifier: there are ${labels.length} labels, expected 1 to ${MOST_LABELS}`);
  }
  const outputs = {classification: labels.length, choice: 1, span: 2, masked: 0}[task];
  const stack = Array.from(architecture.shapes).filter(([name]) => name !== 'lm_head.weight');
  const own = head.shapes(outputs);
  const all = new Map([...stack, ...own]);
  const isOutput = (name: string) => name.startsWith(`${head.output}.`);
  return {
    ...{config: architecture.config, prefix: architecture.prefix, embeddings: architecture.embeddings},
    ...(architecture.rename && {rename: architecture.rename}),
    spare: new RegExp(`^(lm_head|score)\\.|${architecture.spare?.source ?? '$^'}`),
    shapes: new Map(isNew ? [...all].filter(([name]) => !isOutput(name)) : all),
    optional: new Set(isNew ? own.map(([name]) => name) : []),
    ...{architecture, head, all, labels},
    range: reader.positive('initializer_range', 0.02),
    problem: request.problem ?? readProblem(reader, labels.length),
  };
}

function headOf(architecture: Encoder | Architecture, task: Task, reader: ConfigReader): Head {
  if ('heads' in architecture) return architecture.heads[task];
  if (task === 'classification') return lastTokenHead(architecture.config.hiddenSize);
  return reader.fail('model_type', architecture.config.modelType, 'bert or distilbert, which can do this');
}

/** Several heads call their tensors alike, so the checkpoint must say which it has. */
function checkClasses(reader: ConfigReader, task: Task): void {
  const classes = reader.get('architectures');
  const names: unknown[] = Array.isArray(classes) ? classes : [];
  if (names.some((name) => typeof name === 'string' && CLASSES[task].some((end) => name.endsWith(end)))) return;
  const advice = task === 'masked' ? '' : ", or head: 'new'";
  throw new Error(
    `config.json: architectures is ${show(classes)}, expected one that ends in ${CLASSES[task].join(' or ')}${advice}`,
  );
}

/** `id2label`, or as many names as `num_labels` says: two, as in transformers. */
function readLabels(reader: ConfigReader): string[] {
  const names = reader.get('id2label');
  if (names === undefined) {
    const count = reader.count('num_labels', MOST_LABELS, 2);
    return Array.from({length: count}, (_, at) => `LABEL_${at}`);
  }
  const known = new Map<string, unknown>(typeof names === 'object' && names ? Object.entries(names) : []);
  if (known.size === 0 || known.size > MOST_LABELS)
    reader.fail('id2label', names, `1 to ${MOST_LABELS} labels by index`);
  return Array.from({length: known.size}, (_, at) => {
    const label = known.get(String(at));
    if (typeof label === 'string') return label;
    return reader.fail('id2label', names, `a label for each index below ${known.size}`);
  });
}

function readProblem(reader: ConfigReader, labels: number): Problem {
  return reader.oneOf('problem_type', PROBLEMS, labels === 1 ? 'regression' : 'single_label_classification');
}
