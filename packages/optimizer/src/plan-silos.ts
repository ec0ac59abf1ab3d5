import type {Variable} from '@tensorflow/tfjs-core';
import {type BudgetOptions, siloBudgets} from './budgets.js';
import {groupBySilo, type SiloKind, type SiloMembers} from './silos.js';

/** A silo and how many of its parameters may change. */
export interface PlannedSilo extends SiloMembers {
  budget: number;
}

/**
 * The silos that variables make, and what each has of the budget: as an optimizer with these options groups them and
 * shares it. For methods that choose a subset of their own.
 *
 * @param step at which a schedule is read, from 0.
 * @throws where the budget is not as described, or less than what is tuned whole.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {planSilos} from '@subset-tuning/optimizer';
 *
 * const body = tf.variable(tf.ones([90]), true, 'body');
 * const head = tf.variable(tf.ones([10]), true, 'head');
 * const silos = planSilos([body, head], {parameters: 15, silos: 'global', whole: ['head']});
 * silos.map(({name, budget}) => [name, budget]); // [['global', 5], ['head', 10]]
 * ```
 */
export function planSilos(
  variables: readonly Variable[],
  options: BudgetOptions & {silos?: SiloKind},
  step = 0,
): PlannedSilo[] {
  const silos = groupBySilo(options, variables, ({name}) => name);
  const budgets = siloBudgets(options, silos, step);
  return silos.map((silo, i) => ({...silo, budget: budgets[i]}));
}
