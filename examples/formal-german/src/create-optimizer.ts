import {fullTuning, gradientSubset, randomSubset} from '@subset-tuning/adapters';
import {
  adamw,
  type DynamicSubsetOptimizer,
  dynamicSubset,
  type Schedule,
  shrinking,
  type UpdateRule,
  warmup,
} from '@subset-tuning/optimizer';
import type {Scalar} from '@tensorflow/tfjs';
import type {Recipe} from './methods.js';

const WARMUP_STEPS = 5;

/** What an optimizer is made for. */
interface Purpose {
  steps: number;
  /** Seed of the random subset. */
  seed: number;
  /** Losses of a few batches, for the subset that is chosen by gradients. */
  losses: Iterable<() => Scalar>;
}

/** The optimizer of a recipe: AdamW for all, at a constant rate after a short rise. */
export async function createOptimizer(
  {method, density, learningRate}: Recipe,
  {steps, seed, losses}: Purpose,
): Promise<DynamicSubsetOptimizer> {
  const rule = ruleOf(learningRate);
  switch (method) {
    case 'paper':
      return dynamicSubset(rule, {density});
    case 'weighted':
      return dynamicSubset(rule, {density, distance: 'fisher'});
    case 'shrinking': {
      const over = Math.floor(steps / 2);
      // One step is too few to begin wide.
      if (over === 0) return dynamicSubset(rule, {density, distance: 'fisher'});
      // Not the default, which is newer than the committed results.
      const both = shrinking({density, learningRate, over, denseLearningRate: 5e-3});
      return dynamicSubset(ruleOf(both.learningRate), {density: both.density, distance: 'fisher'});
    }
    case 'gradient':
      return gradientSubset(rule, {density, losses});
    case 'random':
      return randomSubset(rule, {density, seed});
    case 'full':
      return fullTuning(rule);
  }
}

/**
 * Its decay pulls back to the seed: pulled to zero, every large weight would move away from the seed at each step and
 * take a place in the subset for that alone.
 */
function ruleOf(learningRate: Schedule): UpdateRule {
  return adamw({learningRate: warmup({steps: WARMUP_STEPS, after: learningRate}), decayTowards: 'seed'});
}
