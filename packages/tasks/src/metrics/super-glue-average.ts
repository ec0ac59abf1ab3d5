import {checkOptions, type Kind, type Kinds} from '@subset-tuning/checks';

/** The scores of a task, all of the same scale; several where the benchmark reports several. */
export type TaskScores = number | readonly number[];

/** The benchmark's eight tasks; the two diagnostics are no part of its average. */
export interface SuperGlueScores {
  /** Accuracy. */
  boolq: TaskScores;
  /** Macro F1 and accuracy. */
  cb: TaskScores;
  /** Accuracy. */
  copa: TaskScores;
  /** F1a and exact match. */
  multirc: TaskScores;
  /** F1 and exact match. */
  record: TaskScores;
  /** Accuracy. */
  rte: TaskScores;
  /** Accuracy. */
  wic: TaskScores;
  /** Accuracy. */
  wsc: TaskScores;
}

const SCORES: Kind = {
  expected: 'a number or an array of at least one',
  is: (value) => [value].flat().length > 0 && [value].flat().every(Number.isFinite),
};
const SUPER_GLUE_SCORES: Kinds<SuperGlueScores> = {
  ...{boolq: SCORES, cb: SCORES, copa: SCORES, multirc: SCORES, record: SCORES, rte: SCORES, wic: SCORES, wsc: SCORES},
};

/**
 * SuperGLUE's overall score: the mean over the eight tasks, where a task with several scores counts with their mean.
 *
 * Source: Wang et al., "SuperGLUE: a stickier benchmark for general-purpose language understanding systems" (2019).
 *
 * @throws Error where a task is missing or has no score.
 *
 * @example
 * ```ts
 * import {superGlueAverage} from '@subset-tuning/tasks';
 * const one = {boolq: 80, cb: [85, 90], copa: 70, multirc: [70, 24], record: [72, 71.5], rte: 79, wic: 70, wsc: 64};
 * superGlueAverage(one); // 71.15…
 * ```
 */
export function superGlueAverage(scores: SuperGlueScores): number {
  checkOptions('superGlueAverage', scores, SUPER_GLUE_SCORES);
  return mean(Object.values(scores).map((one) => mean([one].flat())));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
