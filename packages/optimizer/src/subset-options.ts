import {callable, checkOptions, type Kinds, number, oneOf, optional, wholeNumber} from '@subset-tuning/checks';
import {SMALLEST_NORMAL, STEP_DISTANCES, type StepDistance} from '@subset-tuning/kernels';
import {BUDGET_OPTIONS, type BudgetOptions, DISTINCT_NAMES, totalBudget} from './budgets.js';
import {type SiloKind, siloKind} from './silos.js';

/** What every optimizer that keeps a subset can be told. */
export interface SubsetOptions extends BudgetOptions {
  /** How parameters are grouped, each group with a budget of its own: `tensor`. */
  silos?: SiloKind;
  /**
   * How far a proposal lies from its seed: `absolute`. `fisher` weighs that by the root of the second moment that the rule
   * keeps: for `adam`, `adamw` and `adafactor`.
   */
  distance?: StepDistance;
  /** η of the relative distance, 1e-8. */
  eta?: number;
  /** The subset is chosen anew at every so many steps, 1. */
  reselectEvery?: number;
  /** From this step on, counted from 0, the subset stays as it is. */
  freezeAfter?: number;
  /**
   * Names of the variables that share the budget, in registration order: these and no others. Default: those with a
   * gradient, in the order of their first ones.
   */
  variables?: readonly string[];
  /**
   * The subset of a silo before the first step: for each of its tensors, ascending flat positions. Default: empty, as it
   * is for variables that join later. With `freezeAfter: 0` this is a fixed subset. Not part of the config: the subset itself is in the weights.
   */
  initialSubset?: (tensors: readonly {name: string; size: number}[], budget: number) => Uint32Array[];
}

const NORMAL = number(
  'a number above 0 that is normal in float32',
  (eta) => eta >= SMALLEST_NORMAL && Number.isFinite(Math.fround(eta)),
);

export const SUBSET_OPTIONS: Kinds<SubsetOptions> = {
  ...BUDGET_OPTIONS,
  silos: optional(siloKind),
  distance: optional(oneOf(STEP_DISTANCES)),
  eta: optional(NORMAL),
  reselectEvery: optional(wholeNumber(1)),
  freezeAfter: optional(wholeNumber(0)),
  variables: optional(DISTINCT_NAMES),
  initialSubset: optional(callable),
};

/** Throws where an option is not as described; what depends on the model is checked at the first step. */
export function checkSubsetOptions<Options extends SubsetOptions>(
  what: string,
  options: Options,
  kinds: Kinds<Options>,
): void {
  checkOptions(what, options, kinds);
  // Whatever can be known of a budget before the model is: whether there is one.
  totalBudget(options, Number.MAX_SAFE_INTEGER, 0);
}
