import * as tf from '@tensorflow/tfjs-core';
import type {FusedRule, RuleNumbers} from '../contract.js';

/** Proposals and new slots of a row by an update rule, rounding in the order of `reference/update-rule.ts`. */
export function propose(
  numbers: FusedRule,
  theta: tf.Tensor,
  gradient: tf.Tensor,
  slots: readonly tf.Tensor[],
  seed: tf.Tensor,
): {theta: tf.Tensor; slots: tf.Tensor[]} {
  const decayed = decay(numbers, theta, seed);
  switch (numbers.rule) {
    case 'sgd':
      return {theta: tf.add(decayed, tf.mul(-numbers.learningRate, gradient)), slots: []};
    case 'momentum': {
      const b = tf.add(tf.mul(numbers.momentum, slots[0]), gradient);
      const direction = numbers.nesterov ? tf.add(gradient, tf.mul(numbers.momentum, b)) : b;
      return {theta: tf.add(decayed, tf.mul(-numbers.learningRate, direction)), slots: [b]};
    }
    case 'adam': {
      const [oldM, oldV] = slots;
      const m = tf.tidy(() => tf.add(oldM, tf.mul(1 - numbers.beta1, tf.sub(gradient, oldM))));
      const v = tf.tidy(() => {
        const square = tf.mul(tf.mul(1 - numbers.beta2, gradient), gradient);
        return tf.add(tf.mul(oldV, numbers.beta2), square);
      });
      const update = tf.tidy(() => {
        const root = tf.div(tf.sqrt(v), Math.sqrt(numbers.correction2));
        const stepSize = -(numbers.learningRate / numbers.correction1);
        return tf.div(tf.mul(stepSize, m), tf.add(root, numbers.epsilon));
      });
      return {theta: tf.add(decayed, update), slots: [m, v]};
    }
  }
}

/** Decoupled weight decay. */
function decay({learningRate, weightDecay, decayTowards}: RuleNumbers, theta: tf.Tensor, seed: tf.Tensor) {
  if (weightDecay === 0) return theta;
  if (decayTowards === 'zero') return tf.mul(theta, 1 - learningRate * weightDecay);
  return tf.sub(theta, tf.mul(learningRate * weightDecay, tf.sub(theta, seed)));
}
