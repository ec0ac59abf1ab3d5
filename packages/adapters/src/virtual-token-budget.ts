import type {CommonConfig} from './adapter-config.js';
import type {ModelShape} from './model-shape.js';
import {prefixSizes, promptWidth} from './prompt-tuning.js';
import {sizeOfWholes} from './whole-modules.js';

/** What is chosen for prompt or prefix tuning. */
export interface VirtualTokenBudget {
  tokens: number;
  /** How many values are stored, at most the budget, those of a head's output layer among them. */
  parameters: number;
}

/**
 * The number of tokens with which prompt or prefix tuning comes nearest to a budget without exceeding it, fewer than the
 * model has places for.
 *
 * @throws where the budget is below one token, with the least that it can be.
 */
export function virtualTokenBudget(
  method: 'prompt' | 'prefix',
  model: ModelShape,
  budget: number,
  config: Pick<CommonConfig, 'modulesToSave'> = {},
): VirtualTokenBudget {
  const width = method === 'prompt' ? promptWidth(method, model) : prefixWidth(model);
  const others = sizeOfWholes(model, config);
  const least = width + others;
  if (budget < least) {
    throw new Error(`${method}: parameters is ${budget}, expected at least ${least}, those of one token`);
  }
  const {maxPositions = Infinity} = model.architecture?.config ?? {};
  const tokens = Math.min(Math.floor((budget - others) / width), maxPositions - 1);
  return {tokens, parameters: tokens * width + others};
}

function prefixWidth(model: ModelShape): number {
  const {names, width} = prefixSizes('prefix', model);
  return 2 * names.length * width;
}
