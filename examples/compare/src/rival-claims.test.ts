import {describe, expect, it} from 'vitest';
import type {GroupResult} from './compare.js';
import type {Comparison} from './comparison.js';
import {METHODS} from './methods.js';
import {claimedPairs, RIVAL_CLAIMS} from './rival-claims.js';

/** A method's results: a chrF and a loss of each seed. */
function group(method: string, budget: number, chrF: readonly number[]): GroupResult {
  return {
    ...{method, budget, choice: {parameters: budget}, learningRate: 0.1, tried: []},
    results: chrF.map((value, seed) => ({
      ...{parameters: 1, bytes: 1, loss: value / 10 + seed, unrelatedLoss: 1, figures: {chrF: value}},
    })),
  };
}

const comparison: Comparison = {
  ...{model: 'm', task: 'formal-german', methods: [], budgets: [], seeds: 3, steps: 1, tokensPerStep: 1},
  backend: 'wasm',
};
const seed = {parameters: 0, bytes: 0, loss: 2};
const told = (groups: GroupResult[], seeds = 3) =>
  claimedPairs({...comparison, seeds}, {seed, groups, leftOut: []}).map(({method, other, budget, byMetric, byLoss}) => [
    ...[method, other, budget, byMetric.verdict, byLoss.verdict],
  ]);

describe('claimedPairs', () => {
  it("are those of rivals' claims that were run at one budget, by the metric and by the loss", () => {
    const groups = [
      ...[group('lora', 10, [40, 41.5, 42]), group('random', 10, [61, 62.5, 62.7])],
      ...[group('prompt', 10, [39, 43, 41]), group('lora', 100, [61, 61, 62]), group('subset', 10, [1, 2, 3])],
    ];
    expect(told(groups)).toEqual([
      // A higher chrF has a higher loss here.
      ['random', 'lora', 10, 'wins', 'loses'],
      ['lora', 'prompt', 10, 'ties', 'ties'],
    ]);
    expect(told(groups, 1)).toEqual([]);
  });

  it('leaves out what a budget makes the same', () => {
    const one = group('lora-attention', 10, [1, 2, 3]);
    expect(told([one, group('lora', 10, [1, 2, 3])])).toEqual([]);
    expect(told([one, group('lora', 10, [1, 2, 3.1])])).toHaveLength(1);
  });

  it('are of methods that there are', () => {
    for (const {method, other} of RIVAL_CLAIMS)
      expect(Object.keys(METHODS)).toEqual(expect.arrayContaining([method, other]));
  });
});
