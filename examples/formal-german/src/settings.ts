import type {Recipe} from './methods.js';

/** How much a run of the demo does. */
export interface Settings {
  methods: readonly Pick<Recipe, 'method' | 'density'>[];
  steps: number;
  tokensPerStep: number;
}

/** The best form at two budgets, and at the larger of them the paper's and chance; what the table of all does, it does too. */
export const FULL = {
  methods: [
    {method: 'shrinking', density: 0.001},
    {method: 'shrinking', density: 0.0001},
    {method: 'paper', density: 0.001},
    {method: 'random', density: 0.001},
    {method: 'full', density: 1},
  ],
  steps: 60,
  tokensPerStep: 1024,
} as const satisfies Settings;

/** Fewer methods and steps. */
export const QUICK = {
  methods: [FULL.methods[0], FULL.methods[1], FULL.methods[3]],
  steps: 30,
  tokensPerStep: 1024,
} as const satisfies Settings;
