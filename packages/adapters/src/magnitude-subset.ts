import {anything, checkOptions, type Kinds, oneOf, optional} from '@subset-tuning/checks';
import {
  type BudgetOptions,
  type DynamicSubsetOptimizer,
  dynamicSubset,
  type SiloKind,
  type UpdateRule,
} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs-core';
import {fixedSubset} from './fixed-subset.js';
import {largestScores} from './largest-scores.js';
import {VARIABLES} from './variables-kind.js';

/** What {@link magnitudeSubset} can be told. */
export interface MagnitudeSubsetOptions extends BudgetOptions {
  /** The variables that share the budget. */
  variables: readonly tf.Variable[];
  /** Which weights are chosen in each silo, by |w|: the `largest` or the `smallest`. Default `largest`. */
  order?: 'largest' | 'smallest';
  /** How parameters are grouped, each group with its share of the budget: `tensor`. */
  silos?: SiloKind;
}

// What dynamicSubset takes too, it checks.
const MAGNITUDE_SUBSET_OPTIONS: Kinds<MagnitudeSubsetOptions> = {
  ...{density: anything, parameters: anything, whole: anything, silos: anything},
  ...{variables: VARIABLES, order: optional(oneOf(['largest', 'smallest']))},
};

/**
 * Tuning of a fixed subset that is chosen before the first step by the weights' own sizes, and never changes: the largest
 * are the WM mask of SHiRA (Bhardwaj et al. 2024, arXiv 2406.13175). A weight of zero is never among the largest.
 *
 * @param rule the update rule.
 * @param options the budget, as for `dynamicSubset`, and the variables.
 * @returns an optimizer that is `dynamicSubset`'s in everything but its choice.
 * @throws where an option is not as said; no tensor is left then.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {magnitudeSubset} from '@subset-tuning/adapters';
 * import {adamw} from '@subset-tuning/optimizer';
 *
 * const weights = tf.variable(tf.linspace(-1, 1, 1000));
 * const options = {parameters: 10, variables: [weights], order: 'smallest'} as const;
 * const optimizer = await magnitudeSubset(adamw({learningRate: 0.01}), options);
 * optimizer.minimize(() => tf.sum(weights));
 * (await optimizer.subset())[0].positions[0]; // 495
 * ```
 */
export async function magnitudeSubset(
  rule: UpdateRule,
  options: MagnitudeSubsetOptions,
): Promise<DynamicSubsetOptimizer> {
  checkOptions('magnitudeSubset', options, MAGNITUDE_SUBSET_OPTIONS);
  const {variables, order = 'largest', ...rest} = options;
  // Whatever is wrong with the rest is known before anything is computed.
  dynamicSubset(rule, rest).dispose();
  const sizes = new Map(variables.map((variable) => [variable, tf.abs(variable)]));
  try {
    return fixedSubset(rule, {...rest, positions: await largestScores(sizes, {...rest, order})});
  } finally {
    tf.dispose([...sizes.values()]);
  }
}
