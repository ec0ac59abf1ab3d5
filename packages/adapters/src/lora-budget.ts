import {arrayOf, checkOptions, type Kinds, optional, text, wholeNumber} from '@subset-tuning/checks';
import {type LayerMatrix, layerMatrices, type WeightShape} from './layer-matrices.js';

/** What {@link loraBudget} can be told. */
export interface LoraBudgetOptions {
  /** The most values that LoRA may store. */
  parameters: number;
  /** Modules to choose from, such as `q_proj`. Default: all that the layers have. */
  modules?: readonly string[];
}

/** What {@link loraBudget} chose. */
export interface LoraBudget {
  rank: number;
  /** Kinds of matrices, as PEFT's `target_modules`. */
  modules: string[];
  /** The matrices themselves, by the names of their weights. */
  weights: string[];
  /** rank · Σ (rows + columns): what is stored, at most the budget. */
  parameters: number;
}

const LORA_BUDGET_OPTIONS: Kinds<LoraBudgetOptions> = {
  parameters: wholeNumber(1),
  modules: optional(arrayOf(text, 'an array of names such as q_proj')),
};
/** So many have 65,535 sets. Families that there are have at most a dozen. */
const MOST_MODULES = 16;

/**
 * The rank and the modules with which LoRA comes nearest to a budget without exceeding it. A module is a kind of matrix in
 * all layers, such as every `q_proj`. Of choices that come equally near the one with the most matrices wins. Where rank 1 of
 * the smallest module is too much, the last layers alone are taken, as many as there is room for.
 *
 * @param weights by name; shapes are all that is read. Matrices of numbered layers count, embeddings do not.
 * @throws where the budget is below rank 1 of the smallest matrix, with the smallest that it can be; where there is no such
 * matrix or module.
 *
 * @example
 * ```ts
 * import {loraBudget} from '@subset-tuning/adapters';
 *
 * const shapes = {'layers.0.q.weight': [16, 16], 'layers.0.up.weight': [40, 16]};
 * const weights = new Map(Object.entries(shapes).map(([name, shape]) => [name, {shape}]));
 * console.log(loraBudget(weights, {parameters: 100})); // rank 3 of q: 96. Rank 1 of both were 88
 * ```
 */
export function loraBudget(weights: ReadonlyMap<string, WeightShape>, options: LoraBudgetOptions): LoraBudget {
  checkOptions('loraBudget', options, LORA_BUDGET_OPTIONS);
  const {parameters} = options;
  const matrices = candidates(weights, options.modules);
  const smallest = matrices.reduce((least, matrix) => (costOf([matrix]) < costOf([least]) ? matrix : least));
  if (parameters < costOf([smallest])) {
    const least = `${costOf([smallest])}: rank 1 of ${smallest.name}`;
    throw new Error(`loraBudget: parameters is ${parameters}, expected at least ${least}`);
  }
  const layers = [...new Set(matrices.map(({layer}) => layer))].sort((a, b) => b - a);
  for (let count = layers.length; count > 0; count--) {
    const last = new Set(layers.slice(0, count));
    const best = nearest(
      matrices.filter(({layer}) => last.has(layer)),
      parameters,
    );
    if (best) return best;
  }
  // The smallest matrix is of a layer before the last.
  return chosen([smallest], parameters);
}

function candidates(weights: ReadonlyMap<string, WeightShape>, modules?: readonly string[]): LayerMatrix[] {
  const all = layerMatrices(weights);
  if (all.length === 0) {
    throw new Error(`loraBudget: of ${weights.size} weights none is a matrix of a layer, expected at least one`);
  }
  const there = new Set(all.map(({module}) => module));
  const wanted = new Set(modules ?? there);
  for (const module of wanted) {
    if (there.has(module)) continue;
    throw new Error(`loraBudget: there is no module "${module}", expected some of ${[...there].join(', ')}`);
  }
  if (wanted.size === 0 || wanted.size > MOST_MODULES) {
    throw new Error(`loraBudget: there are ${wanted.size} modules to choose from, expected 1 to ${MOST_MODULES}`);
  }
  return all.filter(({module}) => wanted.has(module));
}

/** Of all sets of modules, each at the highest rank that it can have, the one that uses the budget best. */
function nearest(matrices: readonly LayerMatrix[], parameters: number): LoraBudget | undefined {
  const modules = [...new Set(matrices.map(({module}) => module))];
  let best: LoraBudget | undefined;
  for (let set = 1; set < 2 ** modules.length; set++) {
    const own = matrices.filter(({module}) => (set >> modules.indexOf(module)) & 1);
    if (costOf(own) > parameters) continue;
    const one = chosen(own, parameters);
    const [more, wider] = best ? [one.parameters - best.parameters, one.weights.length - best.weights.length] : [1, 1];
    if (more > 0 || (more === 0 && wider > 0)) best = one;
  }
  return best;
}

/** Values a rank. */
function costOf(matrices: readonly LayerMatrix[]): number {
  return matrices.reduce((sum, {rows, columns}) => sum + rows + columns, 0);
}

function chosen(matrices: readonly LayerMatrix[], parameters: number): LoraBudget {
  const cost = costOf(matrices);
  const mostRank = Math.min(...matrices.map(({rows, columns}) => Math.min(rows, columns)));
  const rank = Math.min(mostRank, Math.floor(parameters / cost));
  const modules = [...new Set(matrices.map(({module}) => module))];
  return {rank, modules, weights: matrices.map(({name}) => name), parameters: rank * cost};
}
