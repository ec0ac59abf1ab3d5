import {anything, check, checkOptions, type Kind, type Kinds, oneOf, optional} from '@subset-tuning/checks';
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

/** What {@link gradientSubset} can be told. */
export interface GradientSubsetOptions extends BudgetOptions {
  /** The losses whose gradients choose, each of a batch of its own: a few batches will do. */
  losses: Iterable<() => tf.Scalar> | AsyncIterable<() => tf.Scalar>;
  /**
   * What is added up over the losses, the k largest of which are chosen in each silo: `gradient` |g|, or
   * `weight-gradient` |w · g|, by how much the loss should change were the weight zero.
   */
  score?: 'gradient' | 'weight-gradient';
  /** How parameters are grouped, each group with its share of the budget: `tensor`. */
  silos?: SiloKind;
  /** The variables that share the budget. Default: those that the losses depend on, of all that are trainable. */
  variables?: readonly tf.Variable[];
}

const iterable: Kind = {
  expected: 'something to iterate over, with functions that give a loss',
  is: (value) =>
    typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value),
};
const loss: Kind = {expected: 'a function that gives a loss', is: (value) => typeof value === 'function'};

// What dynamicSubset takes too, it checks.
const GRADIENT_SUBSET_OPTIONS: Kinds<GradientSubsetOptions> = {
  ...{density: anything, parameters: anything, whole: anything, losses: iterable},
  ...{score: optional(oneOf(['gradient', 'weight-gradient'])), silos: anything, variables: optional(VARIABLES)},
};

/**
 * Tuning of a fixed subset that is chosen before the first step by the gradients of some batches, and never changes: the
 * rival that the literature sets against subsets that move (SPEFT, Liu et al. 2025, arXiv 2412.13488).
 *
 * While it chooses it takes four bytes a weight for the sums, and for the largest silo as many once more.
 *
 * @param rule the update rule.
 * @param options the budget, as for `dynamicSubset`, and the losses.
 * @returns an optimizer that is `dynamicSubset`'s in everything but its choice.
 * @throws where no loss is given, none depends on a variable, or an option is not as said; no tensor is left then.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {gradientSubset} from '@subset-tuning/adapters';
 * import {adamw} from '@subset-tuning/optimizer';
 *
 * const weights = tf.variable(tf.linspace(0, 1, 1000));
 * const loss = () => tf.sum(tf.square(weights)) as tf.Scalar;
 * const optimizer = await gradientSubset(adamw({learningRate: 0.01}), {density: 0.01, losses: [loss]});
 * optimizer.minimize(loss);
 * (await optimizer.subset())[0].positions[0]; // 990
 * ```
 */
export async function gradientSubset(
  rule: UpdateRule,
  options: GradientSubsetOptions,
): Promise<DynamicSubsetOptimizer> {
  checkOptions('gradientSubset', options, GRADIENT_SUBSET_OPTIONS);
  const {losses, score = 'gradient', variables: given, ...rest} = options;
  // Whatever is wrong with the rest is known before any gradient is made.
  dynamicSubset(rule, rest).dispose();
  const sums = await scores(losses, score, given);
  try {
    return fixedSubset(rule, {...rest, positions: await largestScores(sums, rest)});
  } finally {
    tf.dispose([...sums.values()]);
  }
}

/** The sum of each variable's scores over the losses. */
async function scores(
  losses: GradientSubsetOptions['losses'],
  score: 'gradient' | 'weight-gradient',
  variables: readonly tf.Variable[] | undefined,
): Promise<Map<tf.Variable, tf.Tensor>> {
  const sums = new Map<tf.Variable, tf.Tensor>();
  try {
    for await (const one of losses) {
      check('gradientSubset: a loss', one, loss);
      for (const [variable, sum] of tf.tidy(() => added(one, score, variables, sums))) {
        sums.get(variable)?.dispose();
        sums.set(variable, sum);
      }
    }
    if (sums.size === 0) throw new Error('gradientSubset: losses has none, expected at least one');
    return sums;
  } catch (error) {
    tf.dispose([...sums.values()]);
    throw error;
  }
}

/** The sums with the scores of one loss added. */
function added(
  loss: () => tf.Scalar,
  score: 'gradient' | 'weight-gradient',
  variables: readonly tf.Variable[] | undefined,
  sums: ReadonlyMap<tf.Variable, tf.Tensor>,
): [tf.Variable, tf.Tensor][] {
  const {grads} = tf.variableGrads(loss, variables && [...variables]);
  return Object.entries(grads).flatMap(([name, gradient]) => {
    // Null where the loss does not depend on the variable, which tfjs's types do not say.
    if (!gradient) return [];
    const variable = tf.engine().registeredVariables[name];
    const sum = tf.tidy(() => {
      const own = tf.abs(score === 'gradient' ? gradient : tf.mul(gradient, variable));
      const before = sums.get(variable);
      return before ? tf.add(before, own) : own;
    });
    return [[variable, tf.keep(sum)]];
  });
}
