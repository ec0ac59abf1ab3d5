import {formatDensity} from './format.js';

/**
 * How the weights that may change are chosen. `paper`: at each step those whose proposals lie farthest from the seed.
 * `weighted`: the same, each distance weighed by the root of Adam's second moment. `shrinking`: that, from a budget of a
 * tenth of the weights that shrinks to its size. `gradient`: once, those of the largest gradients. `random`: once, by
 * chance. `full`: all.
 */
export type Method = 'paper' | 'weighted' | 'shrinking' | 'gradient' | 'random' | 'full';

/** How weights are chosen and how many, for one run of tuning. */
export interface Recipe {
  method: Method;
  density: number;
  learningRate: number;
}

/** The methods whose subset moves. */
const MOVING: readonly string[] = ['paper', 'weighted', 'shrinking'];

export function isMoving(method: string): boolean {
  return MOVING.includes(method);
}

const AT_EACH_BUDGET: readonly Method[] = ['paper', 'weighted', 'shrinking', 'gradient', 'random'];

/** All methods at all budgets, in the order of the table. */
export const METHODS: readonly Pick<Recipe, 'method' | 'density'>[] = [
  ...[0.01, 0.001, 0.0001].flatMap((density) => AT_EACH_BUDGET.map((method) => ({method, density}))),
  {method: 'full', density: 1},
];

/** `shrinking 0.01 %`; full tuning has no density to tell. */
export function methodName({method, density}: Pick<Recipe, 'method' | 'density'>): string {
  return method === 'full' ? 'full' : `${method} ${formatDensity(density)}`;
}
