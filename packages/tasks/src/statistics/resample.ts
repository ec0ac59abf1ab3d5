import {checkOptions, type Kinds, optional, wholeNumber} from '@subset-tuning/checks';
import type {Metric} from '../metrics/metric.js';
import type {Statistics} from '../metrics/score.js';

/** Options of what draws at random. */
export interface ResamplingOptions {
  /** How often to draw. */
  samples?: number;
  /** From 0 to 2³² − 1. Default 12345, sacrebleu's. */
  seed?: number;
}

export const DEFAULT_SEED = 12345;
/** Above which the generator's products would be inexact. */
const MAX_ROWS = 2 ** 21;
const RESAMPLING_OPTIONS: Kinds<ResamplingOptions> = {
  samples: optional(wholeNumber(1, 1e7)),
  seed: optional(wholeNumber(0, 2 ** 32 - 1)),
};

/** Throws where an option is not such, there are too many rows, or they are another metric's. */
export function checkResampling(
  where: string,
  metric: Metric<never, never>,
  {rows, size}: Statistics,
  options: ResamplingOptions,
): void {
  checkOptions(where, options, RESAMPLING_OPTIONS);
  if (rows > MAX_ROWS) throw new Error(`${where}: there are ${rows} rows, expected at most ${MAX_ROWS}`);
  if (size !== metric.size) {
    throw new Error(`${where}: a row has ${size} statistics, expected ${metric.size}, the size of ${metric.name}`);
  }
}

/** Throws where two systems have not answered the same rows by the same metric. */
export function checkPaired(where: string, baseline: Statistics, system: Statistics): void {
  if (baseline.rows === system.rows && baseline.size === system.size) return;
  throw new Error(
    `${where}: the baseline has ${baseline.rows} rows of ${baseline.size} statistics and the system ` +
      `${system.rows} of ${system.size}, expected as many`,
  );
}

/** The share of chance differences above the real one, which itself counts among them; as sacrebleu counts it. */
export function pValue(differences: ArrayLike<number>, real: number): number {
  let above = 0;
  for (let i = 0; i < differences.length; i++) if (differences[i] > real) above++;
  return (above + 1) / (differences.length + 1);
}
