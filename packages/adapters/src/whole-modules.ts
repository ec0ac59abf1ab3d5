import type {AdaptableModel, LinearModule} from './adaptable-model.js';
import {chooseModules, type ModuleChoice} from './choose-modules.js';
import {type ModelShape, sizeOf} from './model-shape.js';

/** Which modules are trained whole, as an adapter is told. */
interface WholeModules {
  modulesToSave?: readonly string[];
}

/** The modules of a model that are trained whole, by name or by a part of it between dots. Default: a head's output layer. */
export function wholeModules({head}: Pick<ModelShape, 'head'>, {modulesToSave}: WholeModules): readonly string[] {
  return modulesToSave ?? (head?.output === undefined ? [] : [head.output]);
}

/** How many numbers those have, and all biases where these are trained too. */
export function sizeOfWholes(
  model: Pick<ModelShape, 'head' | 'weights'>,
  config: WholeModules & {bias?: string},
): number {
  const wholes = wholeModules(model, config);
  const isTrained = (name: string) =>
    isWithin(moduleOf(name), wholes) || (config.bias === 'all' && name.endsWith('.bias'));
  return sizeOf(Array.from(model.weights).flatMap(([name, weight]) => (isTrained(name) ? [weight] : [])));
}

/** The linear layers that an adapter may lie over: what is trained whole needs none. */
export function otherModules(model: Pick<ModelShape, 'head' | 'projections'>, config: WholeModules): LinearModule[] {
  const wholes = wholeModules(model, config);
  return model.projections().filter(({name}) => !isWithin(name, wholes));
}

/** Those of them that a choice is of. */
export function chooseOthers(
  model: Pick<ModelShape, 'head' | 'projections'>,
  config: WholeModules & ModuleChoice,
): LinearModule[] {
  return chooseModules(otherModules(model, config), config, model.head?.output);
}

/** A weight that a model has in several places. */
export interface TiedWeight {
  name: string;
  /** What it is called in the other places. */
  copies: readonly string[];
}

/** The token embeddings' weight, where the output layer multiplies by the same. */
export function tiedWeight({architecture}: AdaptableModel): TiedWeight | undefined {
  // What a language model's has.
  const {embeddings, output, copies = []} = architecture as {embeddings?: string; output?: string; copies?: string[]};
  return output !== undefined && output === embeddings
    ? {name: output, copies: [...copies, 'lm_head.weight']}
    : undefined;
}

/** Whether a module is one of these or lies in one. */
export function isWithin(module: string, wholes: readonly string[]): boolean {
  return wholes.some((whole) => `.${module}.`.includes(`.${whole}.`));
}

/** The module that a weight belongs to. */
export function moduleOf(weight: string): string {
  return weight.slice(0, Math.max(0, weight.lastIndexOf('.')));
}

/** Whether a model has a module of this name, or a part of a name. */
export function hasModule({weights}: AdaptableModel, whole: string): boolean {
  return [...weights.keys()].some((weight) => isWithin(moduleOf(weight), [whole]));
}
