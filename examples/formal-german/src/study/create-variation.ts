import {
  adamw,
  dynamicSubset,
  momentum,
  project,
  type Schedule,
  type SubsetOptimizer,
  sgd,
  shrinking,
  type UpdateRule,
  warmup,
} from '@subset-tuning/optimizer';
import type {Recipe} from '../methods.js';
import {ProposingAdam} from './proposing-adam.js';
import type {Variation} from './variation.js';

const WARMUP_STEPS = 5;

/** The optimizer of a recipe whose subset moves, varied. */
export function createVariation(
  {method, density, learningRate}: Recipe,
  steps: number,
  variation: Variation,
): SubsetOptimizer {
  const {silos = 'tensor', exponent, hysteresis, over = 0.5, from = 0.1, denseExponent} = variation;
  const {denseLearningRate = denseExponent === undefined ? 5e-3 : learningRate * (density / from) ** denseExponent} =
    variation;
  const both =
    method === 'shrinking'
      ? shrinking({density, learningRate, over: Math.floor(steps * over), from, denseLearningRate})
      : {density, learningRate};
  const rate = warmup({steps: WARMUP_STEPS, after: both.learningRate});
  const options = {density: both.density, silos};
  if (exponent !== undefined || hysteresis !== undefined) {
    const adam = new ProposingAdam(rate, exponent ?? 0.5, hysteresis ?? 1);
    return project(adam, {...options, importance: (variable) => adam.importance(variable)});
  }
  const rule = ruleOf(rate, variation);
  return dynamicSubset(rule, {...options, ...(method !== 'paper' && {distance: 'fisher'})});
}

function ruleOf(learningRate: Schedule, {rule, beta2 = 0.999}: Variation): UpdateRule {
  const decay = {weightDecay: 0.01, decayTowards: 'seed'} as const;
  if (rule === 'momentum') return momentum({learningRate, ...decay});
  if (rule === 'sgd') return sgd({learningRate, ...decay});
  return adamw({learningRate, beta2, ...decay});
}
