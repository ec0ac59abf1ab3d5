import {checkOptions, type Kinds, oneOf, wholeNumber} from '@subset-tuning/checks';
import {bitFitWeights} from './bit-fit.js';
import {ia3Budget} from './ia3-budget.js';
import {type LoraBudget, loraBudget} from './lora-budget.js';
import {checkModelShape, type ModelShape, sizeOf, type WeightShape} from './model-shape.js';
import {type VirtualTokenBudget, virtualTokenBudget} from './virtual-token-budget.js';
import {isWithin, moduleOf, wholeModules} from './whole-modules.js';

/** A share of some weights that comes to the budget. */
export interface DensityBudget {
  parameters: number;
  /** parameters / the number of these weights. */
  density: number;
  /**
   * Where the model has a head that is new: the weights of its output layer, which are trained whole and count in the budget,
   * as they do for adapters. They are the names in `model.weights`; an optimizer's `whole` are those of the variables.
   */
  whole?: string[];
}

/** All of some weights. */
export interface WholeBudget {
  parameters: number;
}

/** What {@link fitBudget} chooses for each method. */
export interface BudgetsOfMethods {
  /** A subset of all weights, however it is chosen. */
  subset: DensityBudget;
  /** A subset of the linear layers' matrices. */
  lift: DensityBudget;
  lora: LoraBudget;
  dora: LoraBudget;
  /** All of its vectors. */
  ia3: WholeBudget;
  prompt: VirtualTokenBudget;
  prefix: VirtualTokenBudget;
  /** All biases, and a head's output layer. */
  bitfit: WholeBudget;
  /** All biases, all gains of norms, and a head's output layer. */
  vectors: WholeBudget;
  /** All weights. */
  full: WholeBudget;
}

/** A method that has a budget. */
export type BudgetedMethod = keyof BudgetsOfMethods;

const METHODS: {
  [Method in BudgetedMethod]: (model: ModelShape, parameters: number) => BudgetsOfMethods[Method];
} = {
  subset: (model, parameters) => share('subset', model, () => true, parameters),
  lift: (model, parameters) => share('lift', model, isLinear(model), parameters),
  lora: (model, parameters) => loraBudget(model, {parameters}),
  dora: (model, parameters) => loraBudget(model, {parameters, dora: true}),
  ia3: (model, parameters) => ia3Budget(model, parameters),
  prompt: (model, parameters) => virtualTokenBudget('prompt', model, parameters),
  prefix: (model, parameters) => virtualTokenBudget('prefix', model, parameters),
  bitfit: (model, parameters) => vectors('bitfit', model, parameters, 'biases'),
  vectors: (model, parameters) => vectors('vectors', model, parameters, 'all'),
  full: ({weights}, parameters) => whole('full', weights, parameters),
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
 * @param model a model, or its shapes.
 * @returns what was chosen, with `parameters`, the number of values that it stores at most.
 * @throws where the budget is less than the method can do, with the least that it can be, or where a subset would be all
 * there is, which is full tuning.
 *
 * @example
 * ```ts
 * import {fitBudget} from '@subset-tuning/adapters';
 *
 * const weights = new Map([['layers.0.up.weight', {shape: [40, 16]}], ['layers.0.norm.weight', {shape: [16]}]]);
 * const projections = () => [{name: 'layers.0.up', inputs: 16, outputs: 40, layout: 'out-in' as const}];
 * const model = {weights, projections}; // or a model as it is loaded
 * console.log(fitBudget({method: 'lora', parameters: 130}, model)); // rank 2 of up: 112
 * console.log(fitBudget({method: 'subset', parameters: 130}, model)); // density 0.198
 * console.log(fitBudget({method: 'vectors', parameters: 130}, model)); // 16
 * ```
 */
export function fitBudget<Method extends BudgetedMethod>(
  request: BudgetRequest<Method>,
  model: ModelShape,
): BudgetsOfMethods[Method] {
  checkOptions('fitBudget', request, BUDGET_REQUEST);
  checkModelShape('fitBudget', model);
  return METHODS[request.method](model, request.parameters);
}

function isLinear(model: ModelShape): (weight: string) => boolean {
  const names = new Set(model.projections().map(({name}) => `${name}.weight`));
  return (weight) => names.has(weight);
}

/** A share of those weights that are of a kind, and all of a new head's output layer. */
function share(
  method: string,
  model: ModelShape,
  isOfKind: (weight: string) => boolean,
  parameters: number,
): DensityBudget {
  const wholes = wholeModules(model, {});
  const isWhole = (name: string) => isWithin(moduleOf(name), wholes);
  const weights = [...model.weights].filter(([name]) => isOfKind(name) || isWhole(name));
  const size = sizeOf(weights.map(([, weight]) => weight));
  if (parameters >= size) {
    throw new Error(`${method}: parameters is ${parameters}, expected fewer than the ${size} that there are`);
  }
  const inWhole = weights.filter(([name]) => isWhole(name));
  const least = sizeOf(inWhole.map(([, weight]) => weight));
  if (parameters < least) {
    throw new Error(`${method}: parameters is ${parameters}, expected at least the ${least} that are trained whole`);
  }
  const density = parameters / size;
  return inWhole.length === 0 ? {parameters, density} : {parameters, density, whole: inWhole.map(([name]) => name)};
}

function vectors(method: string, {weights, head}: ModelShape, budget: number, which: 'biases' | 'all'): WholeBudget {
  const modulesToSave = head?.output === undefined ? [] : [head.output];
  return whole(method, bitFitWeights(weights, {vectors: which, modulesToSave}), budget);
}

function whole(method: string, weights: ReadonlyMap<string, WeightShape>, budget: number): WholeBudget {
  const parameters = sizeOf(weights.values());
  if (budget >= parameters) return {parameters};
  throw new Error(`${method}: parameters is ${budget}, expected at least ${parameters}, all that it tunes`);
}
