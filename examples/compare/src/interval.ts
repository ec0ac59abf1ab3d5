import jStat from 'jstat';

/** A mean with its 95 % interval. */
export interface Interval {
  mean: number;
  low: number;
  high: number;
}

/** The mean of a few runs' values with its 95 % interval by Student's t; of one value there is none but itself. */
export function interval(values: readonly number[]): Interval {
  const mean = jStat.mean(values);
  if (values.length === 1) return {mean, low: mean, high: mean};
  const [low, high] = jStat.tci(mean, 0.05, values);
  return {mean, low, high};
}

/** What a figure can be at most, where that is not 100. */
const MOST: Readonly<Record<string, number>> = {formal: 1, loss: Number.POSITIVE_INFINITY};

/** The same of a task's figure, or of a loss: intervals do not reach beyond what these can be. */
export function figureInterval(name: string, values: readonly number[]): Interval {
  const {mean, low, high} = interval(values);
  return {mean, low: Math.max(0, low), high: Math.min(MOST[name] ?? 100, high)};
}
