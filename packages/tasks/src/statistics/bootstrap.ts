import {mean, quantileSorted} from 'd3-array';
import type {Metric} from '../metrics/metric.js';
import type {Statistics} from '../metrics/score.js';
import {Pcg64} from './pcg64.js';
import {checkResampling, DEFAULT_SEED, type ResamplingOptions} from './resample.js';

/** Where a score lies in 95 % of resamples. */
export interface Interval {
  /** The mean of the resamples' scores. */
  readonly mean: number;
  /** Half of the interval's width; sacrebleu prints `mean ± halfWidth`. */
  readonly halfWidth: number;
  /** The 2.5th percentile of the resamples' scores. */
  readonly low: number;
  /** The 97.5th. */
  readonly high: number;
  readonly samples: number;
  readonly seed: number;
}

/**
 * A confidence interval of 95 % by bootstrap: the score of as many rows drawn with replacement, over and over. The same rows
 * as sacrebleu's `--confidence` draws, of which `mean` and `halfWidth` are; it sums in float32, this in float64.
 *
 * Source: Koehn, "Statistical significance tests for machine translation evaluation" (EMNLP 2004).
 *
 * @param statistics of a system, by the same metric.
 * @param options `samples` is 1000 unless given.
 * @throws Error where an option is not such, the statistics are of another size than the metric's, or there are more than
 * 2²¹ rows.
 *
 * @example
 * ```ts
 * import {accuracy, bootstrap, statisticsOf} from '@subset-tuning/tasks';
 * const statistics = statisticsOf(accuracy(), [1, 1, 0, 1, 0, 1], [1, 0, 0, 1, 0, 0]);
 * const {low, high} = bootstrap(accuracy(), statistics);
 * console.log(low <= 4 / 6 && 4 / 6 <= high); // true
 * ```
 */
export function bootstrap(
  metric: Metric<never, never>,
  statistics: Statistics,
  options: ResamplingOptions = {},
): Interval {
  checkResampling('bootstrap', metric, statistics, options);
  const {samples = 1000, seed = DEFAULT_SEED} = options;
  const [scores] = resampledScores(metric, [statistics], samples, seed);
  return {...interval(scores), samples, seed};
}

/** The scores of resamples of each system, which all take the same rows. */
export function resampledScores(
  metric: Metric<never, never>,
  systems: readonly Statistics[],
  samples: number,
  seed: number,
): Float64Array[] {
  const random = new Pcg64(seed);
  const {rows, size} = systems[0];
  const scores = systems.map(() => new Float64Array(samples));
  const sums = systems.map(() => new Float64Array(size));
  for (let sample = 0; sample < samples; sample++) {
    for (const sum of sums) sum.fill(0);
    for (let drawn = 0; drawn < rows; drawn++) {
      const start = random.below(rows) * size;
      for (let system = 0; system < systems.length; system++) {
        const {values} = systems[system];
        const sum = sums[system];
        for (let i = 0; i < size; i++) sum[i] += values[start + i];
      }
    }
    sums.forEach((sum, system) => {
      scores[system][sample] = metric.aggregate(sum).value;
    });
  }
  return scores;
}

/** Mean, half width (by sacrebleu's ranks) and percentiles (by linear interpolation, as numpy's) of scores. */
function interval(scores: Float64Array): Omit<Interval, 'samples' | 'seed'> {
  const sorted = Array.from(scores).sort((a, b) => a - b);
  const cut = Math.floor(sorted.length / 40);
  return {
    mean: mean(scores) ?? Number.NaN,
    halfWidth: (sorted[sorted.length - cut - 1] - sorted[cut]) / 2,
    low: quantileSorted(sorted, 0.025) ?? Number.NaN,
    high: quantileSorted(sorted, 0.975) ?? Number.NaN,
  };
}
