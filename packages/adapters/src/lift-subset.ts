import {anything, check, checkOptions, type Kinds, optional, wholeNumber} from '@subset-tuning/checks';
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
import {lowRank} from './low-rank.js';
import {VARIABLES} from './variables-kind.js';

/** What {@link liftSubset} can be told. */
export interface LiftSubsetOptions extends BudgetOptions {
  /**
   * The matrices that share the budget, and what is tuned whole, of whatever shape. In the paper those of linear layers,
   * without embeddings.
   */
  variables: readonly tf.Variable[];
  /** Rank of the approximation whose largest entries are chosen. Default 16. */
  rank?: number;
  /** After how many steps the subset is chosen anew, of the weights as they are then. Default 20. */
  reselectEvery?: number;
  /** How parameters are grouped, each group with its share of the budget: `tensor`. */
  silos?: SiloKind;
}

/** What {@link liftSubset} makes. */
export interface LiftSubset {
  optimizer: DynamicSubsetOptimizer;
  /** To be awaited after each step: chooses the subset anew where it is time to. */
  afterStep(): Promise<void>;
}

// What dynamicSubset takes too, it checks.
const LIFT_SUBSET_OPTIONS: Kinds<LiftSubsetOptions> = {
  ...{density: anything, parameters: anything, whole: anything, silos: anything, variables: VARIABLES},
  ...{rank: optional(wholeNumber(1)), reselectEvery: optional(wholeNumber(1))},
};

/**
 * LIFT (Liu et al. 2025, arXiv 2506.00772): tunes the entries that are largest in a low-rank approximation of their
 * matrix, and chooses them anew every so many steps.
 *
 * As in all subset tuning, what leaves the subset goes back to its seed, so that the budget bounds what differs in the end;
 * in the paper it keeps what it learned. A choice takes a singular value decomposition a matrix, on the CPU.
 *
 * @param rule the update rule.
 * @param options the budget, as for `dynamicSubset`, and the matrices.
 * @throws where an option is not as said or a variable no matrix; no tensor is left then.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {liftSubset} from '@subset-tuning/adapters';
 * import {adamw} from '@subset-tuning/optimizer';
 *
 * const weights = tf.variable(tf.randomNormal([30, 20], 0, 1, 'float32', 7));
 * const options = {parameters: 60, variables: [weights], rank: 2, reselectEvery: 2};
 * const {optimizer, afterStep} = await liftSubset(adamw({learningRate: 0.1}), options);
 * for (let step = 0; step < 4; step++) {
 *   optimizer.minimize(() => tf.sum(tf.square(weights)));
 *   await afterStep();
 * }
 * (await optimizer.stats()).size; // 60
 * ```
 */
export async function liftSubset(rule: UpdateRule, options: LiftSubsetOptions): Promise<LiftSubset> {
  checkOptions('liftSubset', options, LIFT_SUBSET_OPTIONS);
  const {variables, rank = 16, reselectEvery = 20, ...rest} = options;
  const {whole = []} = rest;
  // Whatever is wrong with the rest is known before anything is computed.
  dynamicSubset(rule, rest).dispose();
  for (const {name, shape} of variables) {
    if (!whole.includes(name)) check(`liftSubset: the shape of variable '${name}'`, shape, MATRIX_SHAPE);
  }
  const choose = () => positionsOf(variables, rank, rest);
  const optimizer = fixedSubset(rule, {...rest, positions: await choose()});
  return {
    optimizer,
    async afterStep() {
      if (optimizer.iterations % reselectEvery === 0) optimizer.setSubset(await choose());
    },
  };
}

const MATRIX_SHAPE = {
  expected: "a matrix's",
  is: (shape: unknown) => Array.isArray(shape) && shape.length === 2 && shape.every((length) => length > 0),
};

async function positionsOf(
  variables: readonly tf.Variable[],
  rank: number,
  choice: BudgetOptions & {silos?: SiloKind},
): Promise<Map<string, Uint32Array>> {
  const sizes = new Map<tf.Variable, tf.Tensor>();
  try {
    for (const variable of variables) {
      if (choice.whole?.includes(variable.name)) {
        sizes.set(variable, tf.zeros(variable.shape));
        continue;
      }
      const [rows, columns] = variable.shape;
      const near = lowRank(await variable.data<'float32'>(), [rows, columns], rank);
      sizes.set(
        variable,
        tf.tensor(
          near.map((value) => Math.abs(value)),
          variable.shape,
        ),
      );
    }
    return await largestScores(sizes, choice);
  } finally {
    tf.dispose([...sizes.values()]);
  }
}
