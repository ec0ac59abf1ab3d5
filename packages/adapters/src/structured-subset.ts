import {anything, checkOptions, type Kinds} from '@subset-tuning/checks';
import {type BudgetOptions, type DynamicSubsetOptimizer, planSilos, type UpdateRule} from '@subset-tuning/optimizer';
import type * as tf from '@tensorflow/tfjs-core';
import {fixedSubset} from './fixed-subset.js';
import {VARIABLES} from './variables-kind.js';

/** What {@link structuredSubset} can be told. */
export interface StructuredSubsetOptions extends BudgetOptions {
  /** The variables that share the budget, each a silo. */
  variables: readonly tf.Variable[];
}

// What dynamicSubset takes too, it checks.
const STRUCTURED_SUBSET_OPTIONS: Kinds<StructuredSubsetOptions> = {
  ...{density: anything, parameters: anything, whole: anything, variables: VARIABLES},
};

/**
 * Tuning of a fixed subset of a plain form, which no data and no weight decides: in each matrix its diagonal and, as far
 * as the budget goes, whole rows at even distances, the last of them in part: the structured mask of SHiRA (Bhardwaj et
 * al. 2024, arXiv 2406.13175). A budget below the diagonal takes every so many of it; a vector is its own diagonal. What
 * has more axes counts as a matrix whose rows run along the last one.
 *
 * @param rule the update rule.
 * @param options the budget, as for `dynamicSubset`, and the variables.
 * @returns an optimizer that is `dynamicSubset`'s in everything but its choice.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {structuredSubset} from '@subset-tuning/adapters';
 * import {adamw} from '@subset-tuning/optimizer';
 *
 * const weights = tf.variable(tf.ones([4, 4]));
 * const optimizer = structuredSubset(adamw({learningRate: 0.1}), {parameters: 7, variables: [weights]});
 * optimizer.minimize(() => tf.sum(tf.square(weights)));
 * console.log((await optimizer.subset())[0].positions); // 0 to 3, the first row, and 5, 10, 15
 * ```
 */
export function structuredSubset(rule: UpdateRule, options: StructuredSubsetOptions): DynamicSubsetOptimizer {
  checkOptions('structuredSubset', options, STRUCTURED_SUBSET_OPTIONS);
  const {variables, ...budget} = options;
  const positions = new Map(
    planSilos(variables, budget).map(({variables: [{name, shape}], budget}) => [name, diagonalAndRows(shape, budget)]),
  );
  return fixedSubset(rule, {...budget, positions});
}

/** The first `count` positions of the diagonal and of rows at even distances, ascending. */
export function diagonalAndRows(shape: readonly number[], count: number): Uint32Array {
  const size = shape.reduce((product, length) => product * length, 1);
  const columns = shape.at(-1) ?? 1;
  const rows = size / columns;
  if (shape.length < 2 || columns === 1 || rows === 1) return spaced(count, size);
  const diagonal = Math.min(rows, columns);
  if (count <= diagonal) return spaced(count, diagonal).map((at) => at * columns + at);
  const chosen = new Set(Array.from({length: diagonal}, (_, at) => at * columns + at));
  // Of a row that meets the diagonal one place fewer is to be had.
  const wanted = Math.min(rows, Math.ceil((count - diagonal) / (columns - 1)));
  for (const row of spaced(wanted, rows)) {
    for (let column = 0; column < columns && chosen.size < count; column++) chosen.add(row * columns + column);
  }
  return Uint32Array.from(chosen).sort();
}

/** `count` whole numbers below n at even distances, from 0 on. */
function spaced(count: number, n: number): Uint32Array {
  return Uint32Array.from({length: count}, (_, i) => Math.floor((i * n) / count));
}
