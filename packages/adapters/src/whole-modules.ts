import type {AdaptableModel} from './adaptable-model.js';
import type {CommonConfig} from './adapter-config.js';

/** The modules of a model that are trained whole, by name or by a part of it between dots. Default: a head's output layer. */
export function wholeModules({head}: Pick<AdaptableModel, 'head'>, {modulesToSave}: CommonConfig): readonly string[] {
  return modulesToSave ?? (head?.output === undefined ? [] : [head.output]);
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
