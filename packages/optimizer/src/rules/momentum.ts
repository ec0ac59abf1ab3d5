import {valueAt} from '../schedule.js';
import type {ElementwiseRule, RuleOptions} from '../update-rule.js';

/** What {@link momentum} can be told. */
export interface MomentumOptions extends RuleOptions {
  /** The share of the running sum that stays, 0.9. */
  momentum?: number;
  /** Nesterov's look-ahead, off. */
  nesterov?: boolean;
}

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
  const {learningRate, momentum = 0.9, nesterov = false, weightDecay = 0, decayTowards = 'zero'} = options;
  const fixed = {rule: 'momentum', momentum, nesterov, weightDecay, decayTowards} as const;
  return {
    kind: 'elementwise',
    config: {...fixed, learningRate},
    slots: ['momentum'],
    numbers: (step) => ({...fixed, learningRate: valueAt(learningRate, step)}),
  };
}
