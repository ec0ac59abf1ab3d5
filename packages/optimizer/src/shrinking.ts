import {checkOptions, type Kinds, number, optional, wholeNumber} from '@subset-tuning/checks';
import {type ExponentialSchedule, exponential, type Schedule, scheduleOf, valueAt} from './schedule.js';

/** What {@link shrinking} can be told. */
export interface ShrinkingOptions {
  /** The density ε in the end, 0 < ε ≤ 1. */
  density: number;
  /** The learning rate from then on: where it is a schedule, its own step 0 is the first step at the final density. */
  learningRate: Schedule;
  /** Within how many steps both get there: about half of the training. */
  over: number;
  /** The density at first: 0.1, or the one in the end where that is more. */
  from?: number;
  /**
   * The learning rate at first: one that suits so wide a budget. Default: the one in the end, times the cube root of
   * `density / from`.
   */
  denseLearningRate?: number;
}

const density = number('a number above 0 and at most 1', (value) => value > 0 && value <= 1);
const rate = number('a number above 0', (value) => value > 0);
const laterRate = scheduleOf(number('a number of at least 0', (value) => value >= 0));
const SHRINKING_OPTIONS: Kinds<ShrinkingOptions> = {
  ...{density, learningRate: laterRate, over: wholeNumber(1)},
  ...{from: optional(density), denseLearningRate: optional(rate)},
};

/**
 * A budget that begins wide and shrinks to its size, and the learning rate alongside, which a smaller budget wants
 * larger: both by the same factor at every step. So many weights are tried before few are left. A thousandth of the
 * weights is taken to want ten times the rate, on models small and large (docs/choosing.md has what was measured).
 *
 * A subset takes a bit a weight and four bytes a weight of the budget *of the moment*: from density 0.1, a tenth of a
 * second copy of the weights at first, from 1 a whole one.
 *
 * @returns schedules for a rule's `learningRate` and the optimizer's `density`.
 * @throws where a number is not as said, or the density would grow.
 *
 * @example
 * ```ts
 * import {adamw, cosine, dynamicSubset, shrinking, valueAt} from '@subset-tuning/optimizer';
 * const falling = cosine({from: 0.06, to: 0.006, steps: 30});
 * const {density, learningRate} = shrinking({density: 1e-3, learningRate: falling, over: 30});
 * const optimizer = dynamicSubset(adamw({learningRate}), {density});
 * valueAt(density, 0); // 0.1
 * valueAt(density, 30); // 0.001
 * ```
 */
export function shrinking(options: ShrinkingOptions): {
  density: ExponentialSchedule;
  learningRate: ExponentialSchedule;
} {
  checkOptions('shrinking', options, SHRINKING_OPTIONS);
  const {density, learningRate, over: steps, from = Math.max(0.1, density)} = options;
  if (from < density) throw new Error(`shrinking: from is ${from}, expected at least the density, ${density}`);
  const finalRate = valueAt(learningRate, 0);
  const {denseLearningRate = finalRate * Math.cbrt(density / from)} = options;
  if (finalRate === 0) throw new Error('shrinking: learningRate begins at 0, expected a number above 0');
  return {
    density: exponential({from, to: density, steps}),
    learningRate: exponential({
      ...{from: denseLearningRate, to: finalRate, steps},
      ...(typeof learningRate !== 'number' && {after: learningRate}),
    }),
  };
}
