import {check, type Kind, type Kinds, number, optional, show, text, wholeNumber} from '@subset-tuning/checks';
import {type Schedule, scheduleOf, valueAt} from './schedule.js';
import {sum} from './sum.js';

/** How many parameters may differ from the seed: a share of the model or a count. Exactly one of the two. */
export interface BudgetOptions {
  /** The density ε: the share of the model's parameters that may differ from the seed, 0 < ε ≤ 1. */
  density?: Schedule;
  /** The same as a count, from 1 to the model's number of parameters. */
  parameters?: Schedule;
  /**
   * Names of variables that are tuned whole, such as those of a new head, which has no pretrained values to stay near. What
   * they have counts in the budget; the rest of it is shared by the others. Default: none.
   */
  whole?: readonly string[];
}

/** Names of variables. */
export const DISTINCT_NAMES: Kind = {
  expected: 'an array of names, each once',
  is: (value) => Array.isArray(value) && value.every(text.is) && new Set(value).size === value.length,
};

export const BUDGET_OPTIONS: Kinds<BudgetOptions> = {
  density: optional(scheduleOf(number('a number above 0 and at most 1', (density) => density > 0 && density <= 1))),
  parameters: optional(scheduleOf(wholeNumber(1))),
  whole: optional(DISTINCT_NAMES),
};

/**
 * The budget of the whole model at a step: `round(ε · n)`, or the count that was asked for.
 *
 * @throws where both or neither are given, where ε is not in (0, 1], where the count is not a whole number from 1 to n.
 *
 * @example
 * ```ts
 * import {totalBudget} from '@subset-tuning/optimizer';
 * totalBudget({density: 1e-4}, 1_600_000, 0); // 160
 * ```
 */
export function totalBudget(options: BudgetOptions, n: number, step: number): number {
  const {density, parameters} = options;
  if ((density === undefined) === (parameters === undefined)) {
    const given = density === undefined ? 'none' : 'both';
    throw new Error(`budget: the options are ${show(options)}, expected either density or parameters, got ${given}`);
  }
  check('budget: density', density, BUDGET_OPTIONS.density);
  check('budget: parameters', parameters, BUDGET_OPTIONS.parameters);
  if (density !== undefined) {
    const epsilon = valueAt(density, step);
    const total = Math.round(epsilon * n);
    if (total === 0) {
      throw new Error(`budget: density ${epsilon} of ${n} parameters is less than half a parameter at step ${step}`);
    }
    return total;
  }
  const count = valueAt(parameters ?? 0, step);
  const total = typeof parameters === 'number' ? count : Math.round(count);
  if (!Number.isSafeInteger(total) || total < 1 || total > n) {
    throw new Error(
      `budget: parameters is ${count} at step ${step}, expected a whole number from 1 to the model's ${n}`,
    );
  }
  return total;
}

/**
 * Shares a budget among silos in proportion to their sizes, by largest remainder (Hamilton's method): the shares are
 * integers, add up to the total exactly, and none is above its silo's size. Equal remainders: the first silo wins.
 *
 * @param total the budget, from 0 to the sum of the sizes.
 * @param sizes number of parameters of each silo.
 *
 * @example
 * ```ts
 * import {shareBudget} from '@subset-tuning/optimizer';
 * shareBudget(10, [100, 100, 50]); // [4, 4, 2]
 * ```
 */
export function shareBudget(total: number, sizes: readonly number[]): number[] {
  const n = sizes.reduce((sum, size) => sum + size, 0);
  if (!Number.isSafeInteger(total) || total < 0 || total > n) {
    throw new Error(`budget: total is ${total}, expected a whole number from 0 to ${n}`);
  }
  // In BigInt: total · size passes 2⁵³ for models of a hundred million parameters.
  const quotas = sizes.map((size, i) => {
    const product = BigInt(total) * BigInt(size);
    return {i, whole: Number(product / BigInt(n)), remainder: product % BigInt(n)};
  });
  const shares = quotas.map(({whole}) => whole);
  const left = total - shares.reduce((sum, share) => sum + share, 0);
  const byRemainder = quotas.sort((a, b) =>
    a.remainder === b.remainder ? a.i - b.i : a.remainder > b.remainder ? -1 : 1,
  );
  for (const {i} of byRemainder.slice(0, left)) shares[i] += 1;
  return shares;
}

/** The budgets of silos at a step: those that are tuned whole have their size, the others share what is left. */
export function siloBudgets(
  options: BudgetOptions,
  silos: readonly {sizes: readonly number[]; isWhole: boolean}[],
  step: number,
): number[] {
  const sizes = silos.map(({sizes}) => sum(sizes));
  const others = silos.map(({isWhole}, i) => (isWhole ? 0 : sizes[i]));
  const n = sum(sizes);
  const total = totalBudget(options, n, step);
  const inWhole = n - sum(others);
  if (inWhole > total) {
    throw new Error(
      `budget: ${total} parameters at step ${step}, expected at least the ${inWhole} of the variables that are tuned whole`,
    );
  }
  const shares = inWhole === n ? others : shareBudget(total - inWhole, others);
  return silos.map(({isWhole}, i) => (isWhole ? sizes[i] : shares[i]));
}
