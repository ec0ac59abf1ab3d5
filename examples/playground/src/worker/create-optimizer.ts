import {fullTuning, gradientSubset, randomSubset} from '@subset-tuning/adapters';
import {
  adamw,
  type DynamicSubsetOptimizer,
  dynamicSubset,
  type Schedule,
  shrinking,
  warmup,
} from '@subset-tuning/optimizer';
import type {Scalar} from '@tensorflow/tfjs-core';
import type {Recipe} from './protocol.js';

const WARMUP_STEPS = 5;

/**
 * The optimizer of a recipe: AdamW, whose decay pulls back to the seed, at a constant rate after a short rise.
 *
 * @param losses of a few batches, for the subset that gradients choose.
 */
export async function createOptimizer(
  {method, budget, learningRate, steps, seed}: Recipe,
  parameters: number,
  losses: Iterable<() => Scalar>,
): Promise<DynamicSubsetOptimizer> {
  const rule = ruleOf(learningRate);
  switch (method) {
    case 'subset':
      return dynamicSubset(rule, {parameters: budget});
    case 'shrinking': {
      const over = Math.floor(steps / 2);
      // One step is too few to begin wide.
      if (over === 0) return dynamicSubset(rule, {parameters: budget, distance: 'fisher'});
      // As in the example formal-german, whose rates the page offers.
      const both = shrinking({density: budget / parameters, learningRate, over, denseLearningRate: 5e-3});
      return dynamicSubset(ruleOf(both.learningRate), {density: both.density, distance: 'fisher'});
    }
    case 'gradient':
      return gradientSubset(rule, {parameters: budget, losses});
    case 'random':
      return randomSubset(rule, {parameters: budget, seed});
    case 'full':
      return fullTuning(rule);
  }
}

function ruleOf(learningRate: Schedule) {
  return adamw({learningRate: warmup({steps: WARMUP_STEPS, after: learningRate}), decayTowards: 'seed'});
}
