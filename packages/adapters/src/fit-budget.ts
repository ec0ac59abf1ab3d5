import {checkOptions, type Kinds, oneOf, wholeNumber} from '@subset-tuning/checks';
import {bitFitWeights} from './bit-fit.js';
import {layerMatrices, type WeightShape} from './layer-matrices.js';
import {type LoraBudget, loraBudget} from './lora-budget.js';

/** A share of some weights that comes to the budget. */
export interface DensityBudget {
  parameters: number;
  /** parameters / the number of these weights. */
  density: number;
}

/** All of some weights. */
export interface WholeBudget {
  parameters: number;
}

/** What {@link fitBudget} chooses for each method. */
export interface BudgetsOfMethods {
  /** A subset of all weights, however it is chosen. */
  subset: DensityBudget;
  /** A subset of the layers' matrices. */
  lift: DensityBudget;
  lora: LoraBudget;
  /** All biases. */
  bitfit: WholeBudget;
  /** All biases and all gains of norms. */
  vectors: WholeBudget;
  /** All weights. */
  full: WholeBudget;
}

/** A method that has a budget. */
export type BudgetedMethod = keyof BudgetsOfMethods;

const METHODS: {
  [Method in BudgetedMethod]: (
    weights: ReadonlyMap<string, WeightShape>,
    parameters: number,
  ) => BudgetsOfMethods[Method];
} = {
  subset: (weights, parameters) => share('subset', weights, parameters),
  lift(weights, parameters) {
    const matrices = new Set(layerMatrices(weights).map(({name}) => name));
    return share('lift', new Map([...weights].filter(([name]) => matrices.has(name))), parameters);
  },
  lora: (weights, parameters) => loraBudget(weights, {parameters}),
  bitfit: (weights, parameters) => whole('bitfit', bitFitWeights(weights), parameters),
  vectors: (weights, parameters) => whole('vectors', bitFitWeights(weights, {vectors: 'all'}), parameters),
  full: (weights, parameters) => whole('full', weights, parameters),
};

/** What {@link fitBudget} is told. */
export interface BudgetRequest<Method extends BudgetedMethod = BudgetedMethod> {
  method: Method;
  /** The most values that may be stored. */
  parameters: number;
}

const BUDGET_REQUEST: Kinds<BudgetRequest> = {method: oneOf(Object.keys(METHODS)), parameters: wholeNumber(1)};

/**
 * What a method has to be told to come nearest to a budget without exceeding it: a density, a rank and modules, or, where
 * there is nothing to choose, that it fits.
 *
 * @param request the method and the most values that it may store.
 * @param weights of the model by name; shapes are all that is read.
 * @returns what was chosen, with `parameters`, the number of values that it stores at most.
 * @throws where the budget is less than the method can do, with the least that it can be, or where a subset would be all
 * there is, which is full tuning.
 *
 * @example
 * ```ts
 * import {fitBudget} from '@subset-tuning/adapters';
 *
 * const weights = new Map([['layers.0.up.weight', {shape: [40, 16]}], ['layers.0.norm.weight', {shape: [16]}]]);
 * console.log(fitBudget({method: 'lora', parameters: 130}, weights)); // rank 2 of up: 112
 * console.log(fitBudget({method: 'subset', parameters: 130}, weights)); // density 0.198
 * console.log(fitBudget({method: 'vectors', parameters: 130}, weights)); // 16
 * ```
 */
export function fitBudget<Method extends BudgetedMethod>(
  request: BudgetRequest<Method>,
  weights: ReadonlyMap<string, WeightShape>,
): BudgetsOfMethods[Method] {
  checkOptions('fitBudget', request, BUDGET_REQUEST);
  return METHODS[request.method](weights, request.parameters);
}

function sizeOf(weights: ReadonlyMap<string, WeightShape>): number {
  return [...weights.values()].reduce((sum, {shape}) => sum + shape.reduce((size, side) => size * side, 1), 0);
}

function share(method: string, weights: ReadonlyMap<string, WeightShape>, parameters: number): DensityBudget {
  const size = sizeOf(weights);
  if (parameters < size) return {parameters, density: parameters / size};
  throw new Error(`${method}: parameters is ${parameters}, expected fewer than the ${size} that there are`);
}

function whole(method: string, weights: ReadonlyMap<string, WeightShape>, budget: number): WholeBudget {
  const parameters = sizeOf(weights);
  if (budget >= parameters) return {parameters};
  throw new Error(`${method}: parameters is ${budget}, expected at least ${parameters}, all that it tunes`);
}
