import type {FusedRule} from './contract.js';

/** What {@link ruleConstants} gives: of a rule those that it has. */
export type RuleConstants = {
  [Name in
    | 'decay'
    | 'keep'
    | 'pull'
    | 'rate'
    | 'momentum'
    | 'nesterov'
    | 'fresh1'
    | 'beta2'
    | 'fresh2'
    | 'root2'
    | 'epsilon']?: number;
};

/**
 * A step's numbers as a shader takes them, which rounds each to float32 where `reference/update-rule.ts` does: `decay` is 0
 * for none, 1 towards zero (by the factor `keep`), 2 towards the seed (by the share `pull`); `rate` is the factor of the
 * step, fresh1 = 1 − β₁, fresh2 = 1 − β₂, root2 = √correction2.
 *
 * @example
 * ```ts
 * import {ruleConstants} from '@subset-tuning/kernels';
 *
 * ruleConstants({rule: 'sgd', learningRate: 0.5, weightDecay: 0, decayTowards: 'zero'}); // {decay: 0, keep: 1, …}
 * ```
 */
export function ruleConstants(numbers: FusedRule): RuleConstants {
  const {learningRate, weightDecay, decayTowards} = numbers;
  const shared = {
    decay: weightDecay === 0 ? 0 : decayTowards === 'zero' ? 1 : 2,
    keep: 1 - learningRate * weightDecay,
    pull: learningRate * weightDecay,
    rate: -learningRate,
  };
  switch (numbers.rule) {
    case 'sgd':
      return shared;
    case 'momentum':
      return {...shared, momentum: numbers.momentum, nesterov: numbers.nesterov ? 1 : 0};
    case 'adam':
      return {
        ...shared,
        rate: -(learningRate / numbers.correction1),
        fresh1: 1 - numbers.beta1,
        beta2: numbers.beta2,
        fresh2: 1 - numbers.beta2,
        root2: Math.sqrt(numbers.correction2),
        epsilon: numbers.epsilon,
      };
  }
}
