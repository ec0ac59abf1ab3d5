import type {ModelShape} from '@subset-tuning/adapters';
import type {BackendName} from '@subset-tuning/example-shared';
import type {Cell} from './cell.js';
import {METHODS} from './methods.js';

/** What is compared. */
export interface Comparison {
  model: string;
  task: string;
  methods: readonly string[];
  /** Counts of values; `full` is the number of the model's weights. */
  budgets: readonly (number | 'full')[];
  /** Results are of the seeds 1 to this. */
  seeds: number;
  steps: number;
  tokensPerStep: number;
  backend: BackendName;
}

/** A method at a budget: what shares a learning rate, and is one row of the summary. */
export interface Group {
  method: string;
  budget: number;
  choice: Cell['choice'];
}

/** A method at a budget that it cannot meet, or at which no learning rate was found. */
export interface LeftOut {
  method: string;
  budget: number;
  reason: string;
}

/** What every budget comes to for every method. */
export function planGroups({methods, budgets}: Comparison, model: ModelShape): {groups: Group[]; leftOut: LeftOut[]} {
  const size = [...model.weights.values()].reduce(
    (sum, {shape}) => sum + shape.reduce((all, side) => all * side, 1),
    0,
  );
  const groups: Group[] = [];
  const leftOut: LeftOut[] = [];
  for (const budget of budgets.map((count) => (count === 'full' ? size : count))) {
    for (const method of methods) {
      try {
        groups.push({method, budget, choice: METHODS[method].fit(budget, model)});
      } catch (error) {
        leftOut.push({method, budget, reason: error instanceof Error ? error.message : String(error)});
      }
    }
  }
  return {groups, leftOut};
}
