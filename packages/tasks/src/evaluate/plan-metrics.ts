import {show} from '@subset-tuning/checks';
import {extractGsm8kAnswer, type Gsm8kExtraction} from '../metrics/gsm8k.js';
import {makeMetric} from '../metrics/make-metric.js';
import type {Metric} from '../metrics/metric.js';
import type {PromptRequest} from '../prompts/render-prompt.js';
import type {Task, TaskMetric} from '../task.js';
import type {Answer} from './answer.js';

/** A metric of a task, by the names that lm-evaluation-harness has, and what it compares. */
export interface PlannedMetric {
  /** Such as `acc` or `exact_match`. */
  key: string;
  /** What was made of an answer before: `none`, or such as `strict-match`. */
  filter: string;
  metric: Metric<never, never>;
  /** Whether the score is the mean of the rows' scores: its standard error needs no bootstrap. */
  isMean: boolean;
  /** See {@link TaskMetric}. */
  groupBy?: string;
  said(answer: Answer, request: PromptRequest): unknown;
  right(request: PromptRequest): unknown;
}

/** What lm-evaluation-harness calls a metric, whether it is a mean, and what it compares. */
interface Known {
  key(options: Options): string;
  filter?(options: Options): string;
  isMean?(options: Options): boolean;
  compares: 'labels' | 'texts';
}

type Options = Readonly<Record<string, unknown>>;

const FILTERS: Readonly<Record<string, string>> = {flexible: 'flexible-extract', original: 'original'};
const yes = () => true;
const named = (key: string) => () => key;
const orExact = (key: string, exact: string) => (options: Options) => (options.value === 'exact' ? exact : key);

const KNOWN: Readonly<Record<string, Known>> = {
  accuracy: {key: named('acc'), isMean: yes, compares: 'labels'},
  macroF1: {key: named('f1'), compares: 'labels'},
  binaryF1: {key: named('f1'), compares: 'labels'},
  matthews: {key: named('mcc'), compares: 'labels'},
  multiRC: {
    key: ({value = 'f1a'}) => String(value),
    isMean: ({value = 'f1a'}) => value !== 'f1a',
    compares: 'labels',
  },
  genderParity: {key: named('gender_parity'), isMean: yes, compares: 'labels'},
  bleu: {key: named('bleu'), compares: 'texts'},
  chrf: {key: ({wordOrder = 0}) => (wordOrder === 0 ? 'chrf' : 'chrf++'), compares: 'texts'},
  ter: {key: named('ter'), compares: 'texts'},
  exactMatch: {key: named('exact_match'), isMean: yes, compares: 'texts'},
  squad: {key: orExact('f1', 'exact_match'), isMean: yes, compares: 'texts'},
  squad2: {key: orExact('f1', 'exact'), isMean: yes, compares: 'texts'},
  record: {key: orExact('f1', 'em'), isMean: yes, compares: 'texts'},
  gsm8k: {
    key: named('exact_match'),
    filter: ({extraction = 'strict'}) => FILTERS[String(extraction)] ?? 'strict-match',
    isMean: yes,
    compares: 'texts',
  },
};

/** The scores that an answer to choices has of itself are means; these are taken from it. */
const OF_CHOICES = new Set(['accuracy']);

/** The metrics of a task for a kind of prompt, but for those that {@link Answer} has the scores of. */
export function planMetrics(task: Task, kind: PromptRequest['kind']): PlannedMetric[] {
  return task.metrics
    .filter(({name}) => !(kind === 'choices' && OF_CHOICES.has(name)))
    .map((given) => plan(given, task.labels ?? []));
}

/** What an answer is after a metric's filter, as files have it. */
export function filtered(filter: string, answer: Answer): Answer['responses'] {
  if (filter === 'none') return answer.responses;
  const extraction = Object.entries(FILTERS).find(([, name]) => name === filter)?.[0] ?? 'strict';
  return [extractGsm8kAnswer(String(answer.said), extraction as Gsm8kExtraction)];
}

function plan({name, options = {}, groupBy}: TaskMetric, labels: readonly string[]): PlannedMetric {
  const {key, filter, isMean, compares} = KNOWN[name];
  const compared = compares === 'labels' ? comparedLabels(options, labels) : comparedTexts(name, options);
  return {
    ...{key: key(options), filter: filter?.(options) ?? 'none', isMean: isMean?.(options) ?? false},
    metric: makeMetric(name, options),
    ...(groupBy === undefined ? {} : {groupBy}),
    ...compared,
  };
}

/** Labels by their numbers, or by their names where the metric is told those. */
function comparedLabels(options: Options, names: readonly string[]): Pick<PlannedMetric, 'said' | 'right'> {
  const byName =
    typeof options.positive === 'string' || (Array.isArray(options.labels) && typeof options.labels[0] === 'string');
  const label = (number: number) => (byName ? (names[number] ?? '') : number);
  const numberOf = (text: string) => names.indexOf(text.trim());
  const rightOf = (request: PromptRequest): number => {
    switch (request.kind) {
      case 'choices':
        return request.right[0];
      case 'pair':
        return request.label ?? -1;
      case 'generation': {
        const number = numberOf(request.targets[0]);
        if (number >= 0) return number;
        throw new Error(`evaluate: the target is ${show(request.targets[0])}, expected a label, one of ${show(names)}`);
      }
      case 'span':
        throw new Error('evaluate: the prompt finds answers in a text, expected one that gives labels');
    }
  };
  const saidOf = ({said}: Answer, request: PromptRequest): number => {
    const number = typeof said === 'number' ? said : numberOf(said);
    // Metrics take labels alone: what is none counts as a wrong one, the one after the right one.
    return number >= 0 ? number : (rightOf(request) + 1) % names.length;
  };
  return {said: (answer, request) => label(saidOf(answer, request)), right: (request) => label(rightOf(request))};
}

function comparedTexts(name: string, options: Options): Pick<PlannedMetric, 'said' | 'right'> {
  const textOf = ({said}: Answer, request: PromptRequest): string => {
    if (typeof said === 'string') return said;
    return (request.kind === 'choices' ? request.names : request.kind === 'pair' ? request.labels : [])[said] ?? '';
  };
  const textsOf = (request: PromptRequest): string[] => {
    switch (request.kind) {
      case 'choices':
        return request.right.map((choice) => request.names[choice]);
      case 'generation':
        return request.targets;
      case 'span':
        return request.answers.map(({text}) => text);
      case 'pair':
        return request.label === undefined ? [] : [request.labels[request.label]];
    }
  };
  if (name === 'gsm8k') return {said: textOf, right: (request) => textsOf(request)[0]};
  if (name === 'squad2') {
    // A question without an answer has a target that says so, which the metric knows.
    const none = options.noAnswerText;
    return {
      said: (answer, request) => ({text: textOf(answer, request)}),
      right: (request) => textsOf(request).filter((text) => text !== none),
    };
  }
  return {said: textOf, right: textsOf};
}
