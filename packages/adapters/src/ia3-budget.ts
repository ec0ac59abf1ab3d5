import type {Ia3Config} from './adapter-config.js';
import {ia3Modules} from './ia3.js';
import type {ModelShape} from './model-shape.js';
import {sizeOfWholes} from './whole-modules.js';

/**
 * How many values IA³ stores: it has one size.
 *
 * @throws where that is more than the budget, with the least that it can be; where there is no module.
 */
export function ia3Budget(
  model: ModelShape,
  budget: number,
  config: Pick<Ia3Config, 'targets' | 'exclude' | 'layers' | 'modulesToSave' | 'feedForward'> = {},
): {parameters: number} {
  const {modules, feedForward} = ia3Modules(model, config);
  const vectors = modules.reduce((sum, {name, inputs, outputs}) => sum + (feedForward.has(name) ? inputs : outputs), 0);
  const parameters = vectors + sizeOfWholes(model, config);
  if (budget >= parameters) return {parameters};
  throw new Error(`ia3: parameters is ${budget}, expected at least ${parameters}, all that it tunes`);
}
