import {fullTuning} from '@subset-tuning/adapters';
import {
  adamw,
  type DynamicSubsetOptimizer,
  dynamicSubset,
  linear,
  type Schedule,
  shrinking,
  warmup,
} from '@subset-tuning/optimizer';

/** Which weights may change: a share of them, or all. */
export type Method = 'subset' | 'full';

export interface OptimizerOptions {
  method: Method;
  /** Of a subset. */
  density: number;
  /** At its highest. */
  learningRate: number;
  steps: number;
}

/** The rate that suits all weights. */
const DENSE_RATE = 3e-4;

/**
 * AdamW with a rate that rises for a tenth of the steps and falls to a tenth of it in the end. A subset begins with all
 * weights and shrinks to its size in half of the steps, with the rate alongside, which fewer weights want larger.
 */
export function createOptimizer({method, density, learningRate, steps}: OptimizerOptions): DynamicSubsetOptimizer {
  const rising = Math.ceil(steps / 10);
  const over = Math.ceil(steps / 2);
  const falling = (length: number) =>
    linear({from: learningRate, to: learningRate / 10, steps: Math.max(1, length - rising)});
  const adamwOf = (after: Schedule) => adamw({learningRate: warmup({steps: rising, after}), decayTowards: 'seed'});
  if (method === 'full') return fullTuning(adamwOf(falling(steps)));
  const denseLearningRate = Math.min(DENSE_RATE, learningRate);
  const both = shrinking({density, learningRate: falling(steps - over), over, from: 1, denseLearningRate});
  // One silo: the new head is small, and what it needs is more than its share.
  return dynamicSubset(adamwOf(both.learningRate), {density: both.density, distance: 'fisher', silos: 'global'});
}
