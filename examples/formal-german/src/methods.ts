import {formatDensity} from './format.js';

/** How weights are chosen and how many, for one run of tuning. */
export interface Recipe {
  method: 'subset' | 'random' | 'full';
  density: number;
  learningRate: number;
  /** Groups with a budget of their own. */
  silos: 'tensor' | 'layer' | 'global';
}

/** The methods that the demo compares, in the order of its table. */
export const METHODS: readonly Pick<Recipe, 'method' | 'density'>[] = [
  {method: 'subset', density: 0.01},
  {method: 'subset', density: 0.0001},
  {method: 'random', density: 0.01},
  {method: 'random', density: 0.0001},
  {method: 'full', density: 1},
];

/** `subset 0.01 %`; full tuning has no density to tell. */
export function methodName({method, density}: Pick<Recipe, 'method' | 'density'>): string {
  return method === 'full' ? 'full' : `${method} ${formatDensity(density)}`;
}
