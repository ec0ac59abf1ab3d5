import {type DynamicSubsetOptimizer, dynamicSubset, type UpdateRule} from '@subset-tuning/optimizer';

/**
 * Full fine-tuning: every weight may change. It is subset tuning at density 1, so that what it changed can be read,
 * stored and undone in the same way.
 *
 * @param rule the update rule.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {fullTuning} from '@subset-tuning/adapters';
 * import {adamw} from '@subset-tuning/optimizer';
 *
 * const weights = tf.variable(tf.ones([1000]));
 * const optimizer = fullTuning(adamw({learningRate: 1e-3}));
 * optimizer.minimize(() => tf.sum(tf.square(weights)));
 * (await optimizer.stats()).size; // 1000
 * ```
 */
export function fullTuning(rule: UpdateRule): DynamicSubsetOptimizer {
  return dynamicSubset(rule, {density: 1});
}
