import {checkOptions, type Kinds, number, optional} from '@subset-tuning/checks';
import {blockedSum, finiteNorm, NORM_UNIT} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {atLeastZero, RULE_OPTIONS, type RuleOptions, type TensorRule} from '../update-rule.js';

/** What {@link adafactor} can be told. */
export interface AdafactorOptions extends RuleOptions {
  /** The running means forget by t^beta2Decay at step t, −0.8. */
  beta2Decay?: number;
  /** The least second moment is this squared, 2⁻²³ (float32's epsilon). */
  epsilon1?: number;
  /** The least root mean square of a parameter that the learning rate is multiplied by, 1e-3. */
  epsilon2?: number;
  /** An update whose root mean square is above this is scaled down to it, 1. */
  clipThreshold?: number;
}

const ADAFACTOR_OPTIONS: Kinds<AdafactorOptions> = {
  ...RULE_OPTIONS,
  beta2Decay: optional(number('a number of at most 0', (value) => value <= 0)),
  epsilon1: optional(atLeastZero),
  epsilon2: optional(atLeastZero),
  clipThreshold: optional(number('a number above 0', (value) => value > 0)),
};

/**
 * Adafactor (Shazeer & Stern 2018, arXiv 1804.04235): the second moment of a matrix is kept as a row and a column
 * alone, so its slots cost almost nothing. Equals `torch.optim.Adafactor`: the step is
 * min(learningRate, 1/√t) · max(epsilon2, RMS(Θ)).
 *
 * @example
 * ```ts
 * import {adafactor, dynamicSubset} from '@subset-tuning/optimizer';
 * const optimizer = dynamicSubset(adafactor({learningRate: 0.01}), {density: 0.01});
 * ```
 */
export function adafactor(options: AdafactorOptions): TensorRule {
  checkOptions('adafactor', options, ADAFACTOR_OPTIONS);
  const {learningRate, weightDecay = 0, decayTowards = 'zero', beta2Decay = -0.8} = options;
  const {epsilon1 = 2 ** -23, epsilon2 = 1e-3, clipThreshold = 1} = options;
  const decayed = (parameter: tf.Tensor, seed: tf.Tensor, rate: number) => {
    if (weightDecay === 0) return parameter;
    if (decayTowards === 'zero') return tf.mul(parameter, 1 - rate * weightDecay);
    return tf.sub(parameter, tf.mul(tf.sub(parameter, seed), rate * weightDecay));
  };
  const secondMoment = ({variance, row, column}: Record<string, tf.Tensor>) =>
    variance ?? tf.div(tf.mul(row, column), tf.maximum(meanAlong(row, row.rank - 2), epsilon1));
  return {
    kind: 'tensor',
    config: {
      ...{rule: 'adafactor', learningRate, weightDecay, decayTowards},
      ...{beta2Decay, epsilon1, epsilon2, clipThreshold},
    },
    needsSeed: weightDecay !== 0 && decayTowards === 'seed',
    slots(shape): Record<string, number[]> {
      if (shape.length < 2) return {variance: [...shape]};
      return {row: [...shape.slice(0, -1), 1], column: [...shape.slice(0, -2), 1, shape[shape.length - 1]]};
    },
    secondMoment,
    propose({step, learningRate: rate, parameter, gradient, seed, slots}) {
      const t = step + 1;
      const remember = 1 - t ** beta2Decay;
      const blend = (old: tf.Tensor, now: tf.Tensor) => tf.add(tf.mul(old, remember), tf.mul(now, 1 - remember));
      const square = tf.square(gradient);

      const next: Record<string, tf.Tensor> =
        gradient.rank < 2
          ? {variance: blend(slots.variance, square)}
          : {
              row: blend(slots.row, meanAlong(square, gradient.rank - 1)),
              column: blend(slots.column, meanAlong(square, gradient.rank - 2)),
            };
      const estimate = secondMoment(next);
      const update = tf.mul(tf.rsqrt(tf.maximum(estimate, epsilon1 * epsilon1)), gradient);
      const size = tf.mul(tf.maximum(rootMeanSquare(parameter), epsilon2), Math.min(rate, 1 / Math.sqrt(t)));
      const scale = tf.div(size, tf.maximum(tf.div(rootMeanSquare(update), clipThreshold), 1));
      return {proposal: tf.sub(decayed(parameter, seed, rate), tf.mul(update, scale)), slots: next};
    },
  };
}

function meanAlong(x: tf.Tensor, axis: number): tf.Tensor {
  return tf.div(blockedSum(x, axis), x.shape[axis]);
}

function rootMeanSquare(x: tf.Tensor): tf.Tensor {
  return tf.mul(finiteNorm([x]), NORM_UNIT / Math.sqrt(x.size));
}
