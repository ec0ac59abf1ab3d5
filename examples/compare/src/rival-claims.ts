import type {ComparisonResult} from './compare.js';
import type {Comparison} from './comparison.js';
import {besideOther, type Standing} from './verdicts.js';

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
    says: 'the same, held against the weighed choice, both in one silo',
    method: 'subset-fisher-shrinking',
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
    says: 'prompt tuning falls behind LoRA',
    method: 'prompt',
    other: 'lora',
  },
];

/** How a method stands beside another at a budget. */
export interface Pair extends Standing {
  method: string;
  other: string;
  budget: number;
}

/** The pairs of methods that {@link RIVAL_CLAIMS} are about, at each budget where a comparison ran both. */
export function claimedPairs(comparison: Comparison, {groups}: ComparisonResult): Pair[] {
  if (comparison.seeds < 2) return [];
  const names = new Map(RIVAL_CLAIMS.map(({method, other}) => [`${method} ${other}`, {method, other}]));
  return [...names.values()].flatMap(({method, other}) =>
    groups.flatMap((one) => {
      if (one.method !== method) return [];
      const rival = groups.find((two) => two.method === other && two.budget === one.budget);
      return rival ? [{method, other, budget: one.budget, ...besideOther(comparison, one, rival)}] : [];
    }),
  );
}
