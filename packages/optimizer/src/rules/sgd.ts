import {checkOptions} from '@subset-tuning/checks';
import {type ElementwiseRule, RULE_OPTIONS, type RuleOptions} from '../update-rule.js';

/**
 * Plain gradient descent: u = −learningRate · g. No slots. Equals `torch.optim.SGD` without momentum.
 *
 * @example
 * ```ts
 * import {dynamicSubset, sgd} from '@subset-tuning/optimizer';
 * const optimizer = dynamicSubset(sgd({learningRate: 0.1}), {density: 0.01});
 * ```
 */
export function sgd(options: RuleOptions): ElementwiseRule {
  checkOptions('sgd', options, RULE_OPTIONS);
  const {learningRate, weightDecay = 0, decayTowards = 'zero'} = options;
  return {
    kind: 'elementwise',
    config: {rule: 'sgd', learningRate, weightDecay, decayTowards},
    slots: [],
    numbers: (_, rate) => ({rule: 'sgd', learningRate: rate, weightDecay, decayTowards}),
  };
}
