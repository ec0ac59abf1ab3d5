import {checkOptions, type Kinds, optional} from '@subset-tuning/checks';
import {atLeastZero, belowOne, type ElementwiseRule, RULE_OPTIONS, type RuleOptions} from '../update-rule.js';

/** What {@link adam} and {@link adamw} can be told. */
export interface AdamOptions extends RuleOptions {
  /** Decay of the running mean of gradients, 0.9. */
  beta1?: number;
  /** Decay of the running mean of their squares, 0.999. */
  beta2?: number;
  /** Added to the root of the second mean, 1e-8. */
  epsilon?: number;
}

const ADAM_OPTIONS: Kinds<AdamOptions> = {
  ...RULE_OPTIONS,
  beta1: optional(belowOne),
  beta2: optional(belowOne),
  epsilon: optional(atLeastZero),
};

/**
 * Adam (Kingma & Ba 2015, arXiv 1412.6980), without weight decay unless asked for. Equals `torch.optim.Adam` where
 * there is no decay; the decay is {@link adamw}'s, decoupled.
 *
 * @example
 * ```ts
 * import {adam, dynamicSubset} from '@subset-tuning/optimizer';
 * const optimizer = dynamicSubset(adam({learningRate: 1e-3}), {density: 0.01});
 * ```
 */
export function adam(options: AdamOptions): ElementwiseRule {
  return adamRule('adam', 0, options);
}

/**
 * AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101): Adam with decoupled weight decay, 0.01. Equals
 * `torch.optim.AdamW`.
 *
 * @example
 * ```ts
 * import {adamw, cosine, dynamicSubset, warmup} from '@subset-tuning/optimizer';
 * const learningRate = warmup({steps: 10, after: cosine({from: 3e-3, to: 0, steps: 90})});
 * const optimizer = dynamicSubset(adamw({learningRate, decayTowards: 'seed'}), {density: 1e-3});
 * ```
 */
export function adamw(options: AdamOptions): ElementwiseRule {
  return adamRule('adamw', 0.01, options);
}

function adamRule(rule: 'adam' | 'adamw', defaultDecay: number, options: AdamOptions): ElementwiseRule {
  checkOptions(rule, options, ADAM_OPTIONS);
  const {learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8} = options;
  const {weightDecay = defaultDecay, decayTowards = 'zero'} = options;
  const fixed = {beta1, beta2, epsilon, weightDecay, decayTowards};
  return {
    kind: 'elementwise',
    config: {rule, learningRate, ...fixed},
    slots: ['mean', 'variance'],
    secondMoment: 'variance',
    numbers: (step, rate) => ({
      ...fixed,
      rule: 'adam',
      learningRate: rate,
      correction1: 1 - beta1 ** (step + 1),
      correction2: 1 - beta2 ** (step + 1),
    }),
  };
}
