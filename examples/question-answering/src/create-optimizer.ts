import {fullTuning} from '@subset-tuning/adapters';
import {adamw, type DynamicSubsetOptimizer, dynamicSubset, linear, warmup} from '@subset-tuning/optimizer';

/** Which weights may change: a share of them, or all. */
export type Method = 'subset' | 'full';

export interface OptimizerOptions {
  method: Method;
  /** Of a subset. */
  density: number;
  learningRate: number;
  steps: number;
}

/** AdamW with a rate that rises for a tenth of the steps and then falls to a tenth. */
export function createOptimizer({method, density, learningRate, steps}: OptimizerOptions): DynamicSubsetOptimizer {
  const rising = Math.ceil(steps / 10);
  const falling = linear({from: learningRate, to: learningRate / 10, steps: Math.max(1, steps - rising)});
  const rule = adamw({learningRate: warmup({steps: rising, after: falling}), decayTowards: 'seed'});
  // One silo: the new head is small, and what it needs is more than its share.
  return method === 'full' ? fullTuning(rule) : dynamicSubset(rule, {density, distance: 'fisher', silos: 'global'});
}
