import {mean} from 'd3-array';
import type {Metric} from '../metrics/metric.js';
import {type Statistics, total} from '../metrics/score.js';
import {resampledScores} from './bootstrap.js';
import {Pcg64} from './pcg64.js';
import {checkPaired, checkResampling, DEFAULT_SEED, pValue, type ResamplingOptions} from './resample.js';

/** Two systems beside each other. */
export interface Comparison {
  readonly baseline: number;
  readonly system: number;
  /**
   * How probable a larger difference is, in either direction, where the systems are equally good. As in sacrebleu, one
   * that is as large does not count against it, so that p is too low where there are few rows.
   */
  readonly p: number;
  readonly samples: number;
  readonly seed: number;
}

/**
 * Whether two systems differ, by paired bootstrap: how much their difference varies over resamples of the rows, the same for
 * both. The same rows and the same p-value as sacrebleu's `--paired-bs` draws, which sums in float32, this in float64.
 *
 * Source: Koehn, "Statistical significance tests for machine translation evaluation" (EMNLP 2004).
 *
 * @param baseline statistics of the one system.
 * @param system of the other one, for the same rows.
 * @param options `samples` is 1000 unless given.
 * @throws Error where the rows are not as many, an option is not such, the statistics are of another size than the
 * metric's, or there are more than 2²¹ rows.
 *
 * @example
 * ```ts
 * import {accuracy, pairedBootstrap, statisticsOf} from '@subset-tuning/tasks';
 * const of = (labels: number[]) => statisticsOf(accuracy(), labels, [1, 0, 0, 1, 0, 0, 1, 1]);
 * pairedBootstrap(accuracy(), of([0, 1, 0, 1, 1, 0, 1, 0]), of([1, 0, 0, 1, 0, 1, 1, 1])).p; // 0.027, of 0.5 and 0.875
 * ```
 */
export function pairedBootstrap(
  metric: Metric<never, never>,
  baseline: Statistics,
  system: Statistics,
  options: ResamplingOptions = {},
): Comparison {
  checkPaired('pairedBootstrap', baseline, system);
  checkResampling('pairedBootstrap', metric, baseline, options);
  const {samples = 1000, seed = DEFAULT_SEED} = options;
  const scores = scoresOf(metric, baseline, system);
  const [ours, theirs] = resampledScores(metric, [baseline, system], samples, seed);
  const differences = ours.map((one, i) => Math.abs(theirs[i] - one));
  const usual = mean(differences) ?? 0;
  const p = pValue(
    differences.map((difference) => difference - usual),
    Math.abs(scores.baseline - scores.system),
  );
  return {...scores, p, samples, seed};
}

/**
 * Whether two systems differ, by approximate randomisation: how large their difference is where each row's two outputs are
 * swapped or not by chance. The same trials and the same p-value as sacrebleu's `--paired-ar`.
 *
 * Source: Riezler and Maxwell, "On some pitfalls in automatic evaluation and significance testing for MT" (2005).
 *
 * @param baseline statistics of the one system.
 * @param system of the other one, for the same rows.
 * @param options `samples` is 10000 unless given.
 * @throws Error where the rows are not as many, an option is not such, the statistics are of another size than the
 * metric's, or there are more than 2²¹ rows.
 *
 * @example
 * ```ts
 * import {accuracy, approximateRandomization, statisticsOf} from '@subset-tuning/tasks';
 * const of = (labels: number[]) => statisticsOf(accuracy(), labels, [1, 0, 0, 1, 0, 0, 1, 1]);
 * approximateRandomization(accuracy(), of([0, 1, 0, 1, 1, 0, 1, 0]), of([1, 0, 0, 1, 0, 1, 1, 1])).p; // 0.063
 * ```
 */
export function approximateRandomization(
  metric: Metric<never, never>,
  baseline: Statistics,
  system: Statistics,
  options: ResamplingOptions = {},
): Comparison {
  checkPaired('approximateRandomization', baseline, system);
  checkResampling('approximateRandomization', metric, baseline, options);
  const {samples = 10_000, seed = DEFAULT_SEED} = options;
  const scores = scoresOf(metric, baseline, system);
  const {rows, size} = baseline;
  const coin = tossCoins(new Pcg64(seed));
  const differences = new Float64Array(samples);
  const [ours, theirs] = [new Float64Array(size), new Float64Array(size)];
  for (let sample = 0; sample < samples; sample++) {
    ours.fill(0);
    theirs.fill(0);
    for (let row = 0, at = 0; row < rows; row++) {
      const [mine, yours] = coin() === 1 ? [ours, theirs] : [theirs, ours];
      for (let i = 0; i < size; i++, at++) {
        mine[i] += baseline.values[at];
        yours[i] += system.values[at];
      }
    }
    differences[sample] = Math.abs(metric.aggregate(ours).value - metric.aggregate(theirs).value);
  }
  return {...scores, p: pValue(differences, Math.abs(scores.baseline - scores.system)), samples, seed};
}

function scoresOf(metric: Metric<never, never>, baseline: Statistics, system: Statistics) {
  return {baseline: metric.aggregate(total(baseline)).value, system: metric.aggregate(total(system)).value};
}

/** Zeros and ones, as numpy draws them: the bits of a 32-bit number, from the lowest on. */
function tossCoins(random: Pcg64): () => number {
  let [bits, left] = [0, 0];
  return () => {
    if (left === 0) [bits, left] = [random.next32(), 32];
    const bit = bits & 1;
    bits >>>= 1;
    left--;
    return bit;
  };
}
