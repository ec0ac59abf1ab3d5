import {isDeepStrictEqual} from 'node:util';
import type {ComparisonResult} from './compare.js';
import type {Comparison} from './comparison.js';
import {TASKS} from './tasks/tasks.js';
import {besideOther, LOSS, type Standing} from './verdicts.js';

/** What somebody says of a method beside another. */
export interface RivalClaim {
  by: string;
  says: string;
  method: string;
  other: string;
}

/** What the literature of the rivals says of them, as far as runs of a comparison can answer it. */
export const RIVAL_CLAIMS: readonly RivalClaim[] = [
  {
    by: 'Random Masking (arXiv 2405.02596)',
    says: 'a subset drawn by chance does what LoRA does, if its rate is large enough',
    method: 'random',
    other: 'lora',
  },
  {
    by: 'SPEFT (arXiv 2412.13488)',
    says: 'subsets that move gain nothing to speak of over one that is fixed by gradients',
    method: 'subset',
    other: 'gradient',
  },
  {
    by: 'SPEFT (arXiv 2412.13488)',
    says: 'subsets that move gain nothing to speak of over one that is fixed by gradients',
    method: 'subset-fisher',
    other: 'gradient-global',
  },
  {
    by: 'LIFT (arXiv 2506.00772)',
    says: 'better than LoRA at up to 5 % of the weights, behind it at small budgets',
    method: 'lift',
    other: 'lora',
  },
  {
    by: 'LoRA Without Regret',
    says: 'on attention alone LoRA falls behind itself on all linear layers',
    method: 'lora-attention',
    other: 'lora',
  },
  {
    by: 'RoSA (arXiv 2401.04679)',
    says: 'a fixed sparse change alone falls behind LoRA (at 0.6 %)',
    method: 'gradient',
    other: 'lora',
  },
  {
    by: "PEFT's method comparison",
    says: 'SHiRA, drawn by chance, is better than LoRA of as many values (at 0.3 %)',
    method: 'random',
    other: 'lora',
  },
  {
    by: "PEFT's method comparison",
    says: 'LoRA is better than prompt tuning',
    method: 'lora',
    other: 'prompt',
  },
  {
    by: "PEFT's method comparison",
    says: 'LoRA is better than tuning all weights',
    method: 'lora',
    other: 'full',
  },
];

/** How a method that a claim is about stands beside the other at a budget. */
export interface ClaimedPair {
  method: string;
  other: string;
  budget: number;
  /** In the task's metric. */
  byMetric: Standing;
  /** By the test rows' loss, which depends less on chance. */
  byLoss: Standing;
}

/**
 * The pairs of methods that {@link RIVAL_CLAIMS} are about, at each budget where a comparison ran both, unless they came to
 * the same there in all: so do LoRA over some layers and over all where the budget is but for one kind of layer.
 */
export function claimedPairs({task, seeds}: Comparison, {groups}: ComparisonResult): ClaimedPair[] {
  if (seeds < 2) return [];
  const {metric} = TASKS[task];
  const names = new Map(RIVAL_CLAIMS.map(({method, other}) => [`${method} ${other}`, {method, other}]));
  return [...names.values()].flatMap(({method, other}) =>
    groups.flatMap((one) => {
      if (one.method !== method) return [];
      const rival = groups.find((two) => two.method === other && two.budget === one.budget);
      if (!rival || isDeepStrictEqual(rival.results, one.results)) return [];
      const byMetric = besideOther(one, rival, metric);
      return [{method, other, budget: one.budget, byMetric, byLoss: besideOther(one, rival, LOSS)}];
    }),
  );
}
