import {gradientSubset} from '@subset-tuning/adapters';
import {adamw, type DynamicSubsetOptimizer, dynamicSubset, shrinking, warmup} from '@subset-tuning/optimizer';
import type * as tf from '@tensorflow/tfjs';

/** As in the example formal-german. */
export type Method = 'paper' | 'weighted' | 'shrinking' | 'gradient';

export interface OptimizerOptions {
  method: Method;
  density: number;
  learningRate: number;
  steps: number;
  /** What `gradient` chooses by. */
  losses?: readonly (() => tf.Scalar)[];
}

const WARMUP_STEPS = 5;

/** AdamW in a subset that is chosen by a method. */
export async function createOptimizer({
  method,
  density,
  learningRate,
  steps,
  losses = [],
}: OptimizerOptions): Promise<DynamicSubsetOptimizer> {
  // Rates are lower here than for a small model.
  const both = shrinking({density, learningRate, over: Math.ceil(steps / 2), denseLearningRate: 1e-3});
  const rate = method === 'shrinking' ? both.learningRate : learningRate;
  const rule = adamw({learningRate: warmup({steps: WARMUP_STEPS, after: rate}), decayTowards: 'seed'});
  if (method === 'gradient') return gradientSubset(rule, {density, losses});
  if (method === 'paper') return dynamicSubset(rule, {density});
  return dynamicSubset(rule, {density: method === 'shrinking' ? both.density : density, distance: 'fisher'});
}
