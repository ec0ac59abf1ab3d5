import {check, wholeNumber} from '@subset-tuning/checks';
import {checkModelShape, type ModelShape} from './model-shape.js';
import {prefixSizes, promptWidth} from './prompt-tuning.js';
import {sizeOfWholes} from './whole-modules.js';

/** What is chosen for prompt or prefix tuning. */
export interface VirtualTokenBudget {
  tokens: number;
  /** How many values are stored, at most the budget, those of a head's output layer among them. */
  parameters: number;
}

/**
 * The number of tokens with which prompt tuning comes nearest to a budget without exceeding it, fewer than the model has
 * places for.
 *
 * @param parameters the most values that may be stored.
 * @throws where the budget is below one token, with the least that it can be.
 *
 * @example
 * ```ts
 * import {promptBudget} from '@subset-tuning/adapters';
 * import {loadModel} from '@subset-tuning/models';
 * import {read} from '@subset-tuning/tiny-translator';
 * import '@tensorflow/tfjs';
 *
 * const model = await loadModel('tiny-translator', {read});
 * const {tokens} = promptBudget(model, 10 * model.config.hiddenSize + 1); // 10
 * model.dispose();
 * ```
 */
export function promptBudget(model: ModelShape, parameters: number): VirtualTokenBudget {
  checkModelShape('promptBudget', model);
  return fit('promptBudget', model, parameters, promptWidth('promptBudget', model));
}

/** The same of prefix tuning, as {@link promptBudget} has it. */
export function prefixBudget(model: ModelShape, parameters: number): VirtualTokenBudget {
  checkModelShape('prefixBudget', model);
  const {names, width} = prefixSizes('prefixBudget', model);
  return fit('prefixBudget', model, parameters, 2 * names.length * width);
}

function fit(what: string, model: ModelShape, budget: number, width: number): VirtualTokenBudget {
  check(`${what}: parameters`, budget, wholeNumber(1));
  const others = sizeOfWholes(model, {});
  const least = width + others;
  if (budget < least) {
    throw new Error(`${what}: parameters is ${budget}, expected at least ${least}, those of one token`);
  }
  const {maxPositions = Infinity} = model.architecture?.config ?? {};
  const tokens = Math.min(Math.floor((budget - others) / width), maxPositions - 1);
  return {tokens, parameters: tokens * width + others};
}
