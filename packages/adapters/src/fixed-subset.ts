import {anything, checkOptions, type Kinds, map} from '@subset-tuning/checks';
import {
  type BudgetOptions,
  type DynamicSubsetOptimizer,
  dynamicSubset,
  type SiloKind,
  type UpdateRule,
} from '@subset-tuning/optimizer';

/** What {@link fixedSubset} can be told. */
export interface FixedSubsetOptions extends BudgetOptions {
  /** Ascending flat positions by the variable's name. These variables and no others share the budget. */
  positions: ReadonlyMap<string, Uint32Array>;
  /** How parameters are grouped, each group with its share of the budget, which its positions must not exceed: `tensor`. */
  silos?: SiloKind;
}

// What dynamicSubset takes too, it checks.
const FIXED_SUBSET_OPTIONS: Kinds<FixedSubsetOptions> = {
  ...{density: anything, parameters: anything, whole: anything, silos: anything},
  positions: map('a Map of ascending positions by the name of their variable'),
};

const NONE = new Uint32Array();

/**
 * Tuning of a subset that somebody has chosen: subset tuning with the choice made before the first step. All other
 * fixed subsets of this package are this one with positions of their own.
 *
 * @param rule the update rule.
 * @param options the budget, as for `dynamicSubset`, and the positions.
 * @throws where an option is not as said; at the first step where positions do not ascend, lie outside of their variable
 * or are more than their silo's share of the budget.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {fixedSubset} from '@subset-tuning/adapters';
 * import {sgd} from '@subset-tuning/optimizer';
 *
 * const weights = tf.variable(tf.tensor1d([1, 2, 3]), true, 'weights');
 * const positions = new Map([['weights', Uint32Array.of(2)]]);
 * const optimizer = fixedSubset(sgd({learningRate: 0.25}), {parameters: 1, positions});
 * optimizer.minimize(() => tf.sum(tf.square(weights)));
 * weights.print(); // [1, 2, 1.5]
 * ```
 */
export function fixedSubset(rule: UpdateRule, options: FixedSubsetOptions): DynamicSubsetOptimizer {
  checkOptions('fixedSubset', options, FIXED_SUBSET_OPTIONS);
  const {positions, ...rest} = options;
  return dynamicSubset(rule, {
    ...rest,
    variables: [...positions.keys()],
    freezeAfter: 0,
    initialSubset: (tensors) => tensors.map(({name}) => positions.get(name) ?? NONE),
  });
}
