import type {PromptRequest} from '../prompts/render-prompt.js';
import {filtered, type PlannedMetric} from './plan-metrics.js';
import {type AnsweredRow, scoreRow} from './score-answers.js';
import {sha256} from './sha-256.js';

/** A row with what came of it, by the keys of lm-evaluation-harness's `samples_….jsonl`. */
export interface EvaluationSample {
  /** The row's number in its split, from 0. */
  readonly doc_id: number;
  readonly doc: object;
  readonly target: string;
  /** `gen_args_0` and so on, one a request, each with `arg_0` and so on. */
  readonly arguments: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** One a request: a list with its one response, a text or `[log-likelihood, 'True' or 'False']`. */
  readonly resps: readonly unknown[];
  /** The same after the filter. */
  readonly filtered_resps: readonly unknown[];
  readonly filter: string;
  /** Which of this sample's keys are scores. */
  readonly metrics: readonly string[];
  readonly doc_hash: string;
  readonly prompt_hash: string;
  readonly target_hash: string;
  readonly [metric: string]: unknown;
}

/** The samples of a row: one for each filter that the task's metrics have. */
export async function samplesOf(
  answered: AnsweredRow,
  index: number,
  metrics: readonly PlannedMetric[],
  {targetIsText = false, delimiter}: {targetIsText?: boolean | undefined; delimiter: string},
): Promise<EvaluationSample[]> {
  const {row, request, answer} = answered;
  const target = targetOf(request, targetIsText ? delimiter : undefined);
  const shared = {
    doc_id: index,
    doc: row,
    target,
    arguments: Object.fromEntries(
      answer.requests.map((given, i) => [
        `gen_args_${i}`,
        Object.fromEntries(given.map((arg, j) => [`arg_${j}`, arg])),
      ]),
    ),
    resps: answer.responses.map((response) => [response]),
  };
  const hashes = {
    // What Python's json.dumps(doc, indent=2, ensure_ascii=False) writes.
    doc_hash: await sha256(JSON.stringify(row, null, 2)),
    prompt_hash: await sha256(String(answer.requests[0][0])),
    target_hash: await sha256(target),
  };
  return filtersOf(metrics).map((filter) => {
    // Those of whole groups of rows have no score of a row's own.
    const own = metrics.filter((metric) => metric.filter === filter && metric.groupBy === undefined);
    const scores: Record<string, unknown> = filter === 'none' ? {...answer.scores} : {};
    for (const metric of own) {
      // What is no mean is made of such pairs; lm-evaluation-harness keeps those.
      scores[metric.key] = metric.isMean
        ? scoreRow(metric, answered, `evaluate: row ${index}`)
        : [metric.right(request), metric.said(answer, request)];
    }
    return {
      ...shared,
      filtered_resps: filtered(filter, answer),
      filter,
      metrics: Object.keys(scores),
      ...hashes,
      ...scores,
    };
  });
}

/** The filters of these metrics; the scores of choices have none. */
export function filtersOf(metrics: readonly PlannedMetric[]): string[] {
  const filters = new Set(metrics.map(({filter}) => filter));
  return filters.size === 0 ? ['none'] : [...filters];
}

/**
 * What is right, as files have it.
 *
 * @param delimiter What stands before a choice, where its text is wanted and not its number.
 */
function targetOf(request: PromptRequest, delimiter?: string): string {
  switch (request.kind) {
    case 'choices': {
      const [right] = request.right;
      return delimiter === undefined ? String(right) : request.choices[right].slice(delimiter.length);
    }
    case 'generation':
      return request.targets[0];
    case 'pair':
      return String(request.label);
    case 'span':
      return request.answers[0]?.text ?? '';
  }
}
