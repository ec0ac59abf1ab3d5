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

/** The same of a task's figure: but for losses they all lie from 0 to 100, and their intervals do not reach beyond. */
export function figureInterval(name: string, values: readonly number[]): Interval {
  const {mean, low, high} = interval(values);
  return name === 'loss' ? {mean, low, high} : {mean, low: Math.max(0, low), high: Math.min(100, high)};
}
