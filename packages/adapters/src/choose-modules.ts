import {arrayOf, type Kind, optional, show, text, wholeNumber} from '@subset-tuning/checks';
import type {LinearModule} from './adaptable-model.js';

/** Modules by name: the whole name or what it ends in, such as `q_proj`; several of them; or what their names match. */
export type ModuleNames = string | readonly string[] | RegExp;

/** Which linear layers an adapter is laid over. */
export interface ModuleChoice {
  /** Default `all-linear`: all but a head's output layer. On attention alone LoRA falls behind. */
  targets?: ModuleNames;
  /** Those of them that are left as they are. */
  exclude?: ModuleNames;
  /** Only those of the layers with these indices, counted from 0: the first number in their names. */
  layers?: number | readonly number[];
}

const NAMES: Kind = {
  expected: "'all-linear', a name, an array of names or a regular expression",
  is: (value) => text.is(value) || value instanceof RegExp || arrayOf(text, '').is(value),
};
const INDEX = wholeNumber(0);
const LAYERS: Kind = {
  expected: 'the index of a layer or an array of indices',
  is: (value) => INDEX.is(value) || arrayOf(INDEX, '').is(value),
};

/** What {@link ModuleChoice} must be. */
export const MODULE_CHOICE = {targets: optional(NAMES), exclude: optional(NAMES), layers: optional(LAYERS)};

/**
 * The linear layers that a choice is of, in order.
 *
 * @param modules Those of a model, as its `projections()` says.
 * @param output A head's output layer, which `all-linear` leaves out.
 * @throws where a name or an index fits none of them, or none is chosen.
 *
 * @example
 * ```ts
 * import {chooseModules} from '@subset-tuning/adapters';
 *
 * const modules = [
 *   {name: 'layers.0.q_proj', inputs: 16, outputs: 16, layout: 'out-in' as const},
 *   {name: 'layers.1.q_proj', inputs: 16, outputs: 16, layout: 'out-in' as const},
 * ];
 * chooseModules(modules, {targets: 'q_proj', layers: 1}).length; // 1
 * ```
 */
export function chooseModules(
  modules: readonly LinearModule[],
  {targets = 'all-linear', exclude = [], layers}: ModuleChoice,
  output?: string,
): LinearModule[] {
  const isTarget = targets === 'all-linear' ? (name: string) => name !== output : matcher(targets);
  const isExcluded = matcher(exclude);
  const indices = layers === undefined ? undefined : [layers].flat();
  if (targets !== 'all-linear') checkNames('targets', targets, modules);
  checkNames('exclude', exclude, modules);
  const known = new Set(modules.map(({name}) => layerOf(name)));
  for (const index of indices ?? []) {
    if (known.has(index)) continue;
    throw new Error(`layers has ${index}, expected indices of layers of the model, at most ${Math.max(...known)}`);
  }
  const chosen = modules.filter(({name}) => {
    if (!isTarget(name) || isExcluded(name)) return false;
    return indices === undefined || indices.includes(layerOf(name));
  });
  if (chosen.length > 0) return chosen;
  const given = {targets: String(targets), exclude: String(exclude), layers};
  throw new Error(`there is no linear layer for ${show(given)}, expected at least one of ${modules.length}`);
}

/** Throws unless each of the names fits a module: a misspelt one would leave out nothing, or too much. */
function checkNames(what: string, names: ModuleNames, modules: readonly LinearModule[]): void {
  const known = () => [...new Set(modules.map((module) => module.name.split('.').at(-1)))].join(', ');
  for (const name of namesIn(names)) {
    if (modules.some((module) => endsIn(module.name, name))) continue;
    throw new Error(`${what} has ${show(name)}, expected linear layers of the model, such as ${known()}`);
  }
}

/** Whether a module is called so, or its name ends in this one. */
export function endsIn(module: string, name: string): boolean {
  return module === name || module.endsWith(`.${name}`);
}

function matcher(names: ModuleNames): (name: string) => boolean {
  if (names instanceof RegExp) return (name) => name.search(names) >= 0;
  return (name) => namesIn(names).some((one) => endsIn(name, one));
}

function namesIn(names: ModuleNames): readonly string[] {
  if (names instanceof RegExp) return [];
  return typeof names === 'string' ? [names] : names;
}

/** The first number in a module's name, counted from 0: its layer. −1 where it has none. */
export function layerOf(name: string): number {
  return Number(/(?:^|\.)(\d+)\./.exec(name)?.[1] ?? -1);
}
