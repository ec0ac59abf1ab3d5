import {arrayOf, checkOptions, flag, type Kinds, oneOf, optional, text, wholeNumber} from '@subset-tuning/checks';
import type {LinearModule} from './adaptable-model.js';
import {layerOf, MODULE_CHOICE, type ModuleChoice} from './choose-modules.js';
import {checkModelShape, type ModelShape} from './model-shape.js';
import {chooseOthers, sizeOfWholes} from './whole-modules.js';

/** What {@link loraBudget} can be told. */
export interface LoraBudgetOptions extends ModuleChoice {
  /** The most values that LoRA may store. */
  parameters: number;
  /** Counted as DoRA, which has a vector more a module. Default false. */
  dora?: boolean;
  /** Biases of the model that are trained, and counted, too. Default none. */
  bias?: 'none' | 'all' | 'lora_only';
  /** Modules that are trained whole, and counted. Default: a head's output layer. */
  modulesToSave?: readonly string[];
}

/** What {@link loraBudget} chose: what `attach` is to be told. */
export interface LoraBudget {
  rank: number;
  /** The linear layers, by their whole names. */
  targets: string[];
  /** What is stored, at most the budget. */
  parameters: number;
}

const LORA_BUDGET_OPTIONS: Kinds<LoraBudgetOptions> = {
  parameters: wholeNumber(1),
  dora: optional(flag),
  bias: optional(oneOf(['none', 'all', 'lora_only'])),
  modulesToSave: optional(arrayOf(text, 'an array of names')),
  ...MODULE_CHOICE,
};
/** So many have a million sets. T5 has 18. */
const MOST_KINDS = 20;
/** A choice that leaves no more than this share of the budget is as good as one that leaves nothing. */
const SPARE = 0.05;

/** The modules of a name but for the layer's number, such as every `layers.*.q_proj`. */
interface ModuleKind {
  modules: readonly LinearModule[];
  /** Values a rank. */
  cost: number;
  /** Values whatever the rank. */
  fixed: number;
  mostRank: number;
}

/**
 * The rank and the modules with which LoRA comes near to a budget without exceeding it. Modules are chosen by kind, such as
 * every layer's `q_proj`: of all sets of kinds that use at least 95 % of the budget the one with the most modules, for LoRA
 * is the better the more it lies over; where no set does, the one that uses most. Of equals it is the one whose modules come
 * last in a layer: queries and keys gain least (Hu et al. 2021, table 5). Where rank 1 of the smallest kind is too much, the
 * first layers alone are taken, as many as there is room for.
 *
 * @param model A model, or its shapes.
 * @throws where the budget is below rank 1 of the smallest module, with the least that it can be; where there is no module.
 *
 * @example
 * ```ts
 * import {loraBudget} from '@subset-tuning/adapters';
 *
 * const shapes = {'layers.0.q.weight': [16, 16], 'layers.0.up.weight': [40, 16]};
 * const weights = new Map(Object.entries(shapes).map(([name, shape]) => [name, {shape}]));
 * const projections = () => [
 *   {name: 'layers.0.q', inputs: 16, outputs: 16, layout: 'out-in' as const},
 *   {name: 'layers.0.up', inputs: 16, outputs: 40, layout: 'out-in' as const},
 * ];
 * console.log(loraBudget({weights, projections}, {parameters: 180})); // rank 2 of both: 176
 * console.log(loraBudget({weights, projections}, {parameters: 100})); // rank 3 of q: 96. Rank 1 of both were 88
 * ```
 */
export function loraBudget(model: ModelShape, options: LoraBudgetOptions): LoraBudget {
  checkModelShape('loraBudget', model);
  checkOptions('loraBudget', options, LORA_BUDGET_OPTIONS);
  return fitLora(model, options);
}

/** {@link loraBudget} of what is checked. */
export function fitLora(model: ModelShape, options: LoraBudgetOptions): LoraBudget {
  const {parameters} = options;
  const modules = chooseOthers(model, options);
  const whole = sizeOfWholes(model, options);
  const costs = costsOf(model, options);
  const found = nearest(modules, parameters - whole, costs);
  if (found) return {...found, parameters: found.parameters + whole};
  const alone = modules.map((module) => costs([module])).map(({cost, fixed}) => cost + fixed);
  const least = Math.min(...alone);
  const trained = whole > 0 ? `, and ${whole} that are trained whole` : '';
  throw new Error(
    `loraBudget: parameters is ${parameters}, expected at least ${least + whole}: ` +
      `rank 1 of ${modules[alone.indexOf(least)].name}${trained}`,
  );
}

/** What modules of one kind cost. */
type Costs = (modules: readonly LinearModule[]) => ModuleKind;

function costsOf({weights}: ModelShape, {dora = false, bias = 'none'}: LoraBudgetOptions): Costs {
  const sum = (modules: readonly LinearModule[], of: (module: LinearModule) => number) =>
    modules.reduce((all, module) => all + of(module), 0);
  return (modules) => ({
    modules,
    cost: sum(modules, ({inputs, outputs}) => inputs + outputs),
    fixed: sum(modules, ({name, outputs}) => {
      const hasBias = bias === 'lora_only' && weights.has(`${name}.bias`);
      return (dora ? outputs : 0) + (hasBias ? outputs : 0);
    }),
    mostRank: Math.min(...modules.map(({inputs, outputs}) => Math.min(inputs, outputs))),
  });
}

function nearest(modules: readonly LinearModule[], parameters: number, costs: Costs): LoraBudget | undefined {
  // What is of no layer, such as a pooler, comes behind them all, and never alone where there is another.
  const placeOf = (layer: number) => (layer < 0 ? Number.MAX_SAFE_INTEGER : layer);
  const layers = [...new Set(modules.map(({name}) => layerOf(name)))].sort((a, b) => placeOf(a) - placeOf(b));
  for (let count = layers.length; count > 0; count--) {
    const first = new Set(layers.slice(0, count));
    const kinds = byKind(modules.filter(({name}) => first.has(layerOf(name)))).map(costs);
    const best = bestSet(kinds, parameters);
    if (best?.targets.some((name) => layerOf(name) >= 0)) return best;
  }
  // The smallest may be of a layer behind the first.
  const alone = modules.flatMap((module) => bestSet([costs([module])], parameters) ?? []);
  return alone.sort((a, b) => b.parameters - a.parameters).at(0);
}

function byKind(modules: readonly LinearModule[]): LinearModule[][] {
  const kinds = new Map<string, LinearModule[]>();
  for (const module of modules) {
    const kind = module.name.replace(/(^|\.)\d+\./, '$1*.');
    kinds.set(kind, [...(kinds.get(kind) ?? []), module]);
  }
  if (kinds.size <= MOST_KINDS) return [...kinds.values()];
  throw new Error(`loraBudget: there are ${kinds.size} kinds of modules, expected up to ${MOST_KINDS}: choose targets`);
}

/** Of all sets of kinds, each at the highest rank that it can have, the best, of equals the last; undefined where none fits. */
function bestSet(kinds: readonly ModuleKind[], budget: number): LoraBudget | undefined {
  let best: {set: number; rank: number; used: number; width: number} | undefined;
  const enough = (1 - SPARE) * budget;
  const isBetter = (used: number, width: number) => {
    if (!best) return true;
    if (used >= enough && best.used >= enough) return width >= best.width;
    return used > best.used || (used === best.used && width >= best.width);
  };
  for (let set = 1; set < 2 ** kinds.length; set++) {
    let [cost, fixed, width, mostRank] = [0, 0, 0, Number.POSITIVE_INFINITY];
    for (const [i, kind] of kinds.entries()) {
      if (((set >> i) & 1) === 0) continue;
      cost += kind.cost;
      fixed += kind.fixed;
      width += kind.modules.length;
      mostRank = Math.min(mostRank, kind.mostRank);
    }
    const rank = Math.min(mostRank, Math.floor((budget - fixed) / cost));
    const used = rank * cost + fixed;
    if (rank >= 1 && isBetter(used, width)) best = {set, rank, used, width};
  }
  if (!best) return undefined;
  const {set, rank, used} = best;
  const targets = kinds.flatMap(({modules}, i) => ((set >> i) & 1 ? modules.map(({name}) => name) : []));
  return {rank, targets, parameters: used};
}
