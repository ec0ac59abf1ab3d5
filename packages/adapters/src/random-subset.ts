import {anything, checkOptions, type Kinds, number} from '@subset-tuning/checks';
import {
  type BudgetOptions,
  type DynamicSubsetOptimizer,
  dynamicSubset,
  type SiloKind,
  type UpdateRule,
} from '@subset-tuning/optimizer';
import {uniformInt} from 'pure-rand/distribution/uniformInt';
import {xoroshiro128plus} from 'pure-rand/generator/xoroshiro128plus';
import type {RandomGenerator} from 'pure-rand/types/RandomGenerator';

/** What {@link randomSubset} can be told. */
export interface RandomSubsetOptions extends BudgetOptions {
  /** Seed of the draw: the same seed chooses the same weights on every machine. */
  seed: number;
  /** How parameters are grouped, each group with its share of the budget: `tensor`. */
  silos?: SiloKind;
  /** Names of the variables that share the budget. Default: those with a gradient at the first step; later ones get none. */
  variables?: readonly string[];
}

// What dynamicSubset takes too, it checks.
const RANDOM_SUBSET_OPTIONS: Kinds<RandomSubsetOptions> = {
  density: anything,
  parameters: anything,
  whole: anything,
  seed: number('a whole number', Number.isSafeInteger),
  silos: anything,
  variables: anything,
};

/**
 * Tuning of a fixed subset that is drawn at random before the first step, uniformly in each silo, and never changes:
 * the baseline that a chosen subset has to beat (the random mask of SHiRA, Bhardwaj et al. 2024, arXiv 2406.13175).
 *
 * @param rule the update rule.
 * @param options the budget, as for `dynamicSubset`, and the seed of the draw.
 * @returns an optimizer that is `dynamicSubset`'s in everything but its choice.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {randomSubset} from '@subset-tuning/adapters';
 * import {adamw} from '@subset-tuning/optimizer';
 *
 * const weights = tf.variable(tf.ones([1000]));
 * const optimizer = randomSubset(adamw({learningRate: 0.1}), {density: 0.01, seed: 1});
 * optimizer.minimize(() => tf.sum(tf.square(weights)));
 * (await optimizer.stats()).size; // 10
 * ```
 */
export function randomSubset(rule: UpdateRule, options: RandomSubsetOptions): DynamicSubsetOptimizer {
  checkOptions('randomSubset', options, RANDOM_SUBSET_OPTIONS);
  const {seed, ...rest} = options;
  const generator = xoroshiro128plus(seed);
  return dynamicSubset(rule, {
    ...rest,
    freezeAfter: 0,
    initialSubset: (tensors, budget) => {
      const n = tensors.reduce((sum, {size}) => sum + size, 0);
      const chosen = drawDistinct(budget, n, generator);
      let offset = 0;
      return tensors.map(({size}) => {
        const from = offset;
        offset += size;
        return chosen.filter((at) => at >= from && at < from + size).map((at) => at - from);
      });
    },
  });
}

/** `count` distinct numbers below n, ascending: Floyd's algorithm (Bentley & Floyd 1987). */
function drawDistinct(count: number, n: number, generator: RandomGenerator): Uint32Array {
  const chosen = new Set<number>();
  for (let last = n - count; last < n; last++) {
    const at = uniformInt(generator, 0, last);
    chosen.add(chosen.has(at) ? last : at);
  }
  return Uint32Array.from(chosen).sort();
}
