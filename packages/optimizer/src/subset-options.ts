import {DEFAULT_ETA, DISTANCES, type Distance} from '@subset-tuning/kernels';
import {type BudgetOptions, totalBudget} from './budgets.js';
import type {SiloKind} from './silos.js';

/** What every optimizer that keeps a subset can be told. */
export interface SubsetOptions extends BudgetOptions {
  /** How parameters are grouped, each group with a budget of its own: `tensor`. */
  silos?: SiloKind;
  /** How far a proposal lies from its seed: `absolute`. */
  distance?: Distance;
  /** η of the relative distance, 1e-8. */
  eta?: number;
  /** The subset is chosen anew at every so many steps, 1. */
  reselectEvery?: number;
  /** From this step on, counted from 0, the subset stays as it is. */
  freezeAfter?: number;
  /**
   * Names of the variables that share the budget, in registration order. Default: those with a gradient at the first
   * step, in the order of their gradients.
   */
  variables?: readonly string[];
  /**
   * The subset of a silo before the first step: for each of its tensors, ascending flat positions. Default: empty.
   * With `freezeAfter: 0` this is a fixed subset. Not part of the config: the subset itself is in the weights.
   */
  initialSubset?: (tensors: readonly {name: string; size: number}[], budget: number) => Uint32Array[];
}

/**
 * Throws where an option is not as described; what depends on the model is checked at the first step.
 */
export function checkOptions({reselectEvery = 1, freezeAfter = 0, eta = DEFAULT_ETA, ...budget}: SubsetOptions): void {
  const whole = (name: string, value: number, least: number) => {
    if (Number.isSafeInteger(value) && value >= least) return;
    throw new Error(`${name} is ${value}, expected a whole number of at least ${least}`);
  };
  whole('reselectEvery', reselectEvery, 1);
  whole('freezeAfter', freezeAfter, 0);
  if (!(eta > 0 && Number.isFinite(eta))) throw new Error(`eta is ${eta}, expected a finite number above 0`);
  const {distance = 'absolute'} = budget;
  if (!DISTANCES.includes(distance)) {
    throw new Error(`distance is '${distance}', expected one of ${DISTANCES.join(', ')}`);
  }
  // Whatever can be known of a budget before the model is: a share or a count that no model could have.
  totalBudget(budget, Number.MAX_SAFE_INTEGER, 0);
}
