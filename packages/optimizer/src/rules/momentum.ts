import {checkOptions, flag, type Kinds, optional} from '@subset-tuning/checks';
import {belowOne, type ElementwiseRule, RULE_OPTIONS, type RuleOptions} from '../update-rule.js';

/** What {@link momentum} can be told. */
export interface MomentumOptions extends RuleOptions {
  /** The share of the running sum that stays, 0.9. */
  momentum?: number;
  /** Nesterov's look-ahead, off. */
  nesterov?: boolean;
}

const MOMENTUM_OPTIONS: Kinds<MomentumOptions> = {
  ...RULE_OPTIONS,
  momentum: optional(belowOne),
  nesterov: optional(flag),
};

/**
 * Gradient descent with a running sum: b ← momentum · b + g; u = −learningRate · b. Equals `torch.optim.SGD` with
 * momentum and no dampening.
 *
 * @example
 * ```ts
 * import {dynamicSubset, momentum} from '@subset-tuning/optimizer';
 * const optimizer = dynamicSubset(momentum({learningRate: 0.01, nesterov: true}), {parameters: 1000});
 * ```
 */
export function momentum(options: MomentumOptions): ElementwiseRule {
  checkOptions('momentum', options, MOMENTUM_OPTIONS);
  const {learningRate, momentum = 0.9, nesterov = false, weightDecay = 0, decayTowards = 'zero'} = options;
  const fixed = {rule: 'momentum', momentum, nesterov, weightDecay, decayTowards} as const;
  return {
    kind: 'elementwise',
    config: {...fixed, learningRate},
    slots: ['momentum'],
    numbers: (_, rate) => ({...fixed, learningRate: rate}),
  };
}
