import {describe, expect, it} from 'vitest';
import type {ComparisonResult, GroupResult} from './compare.js';
import type {Comparison} from './comparison.js';
import {summarise} from './summary.js';
import {summaryTable} from './table.js';
import {verdicts} from './verdicts.js';

/** A method's results: a loss on validation rows, and a chrF of each seed. */
function group(method: string, budget: number, loss: number, chrF: readonly number[]): GroupResult {
  return {
    ...{method, budget, choice: {parameters: budget}, learningRate: 0.1},
    tried: [0.03, 0.1, 0.3].map((learningRate) => ({learningRate, loss: loss + (learningRate === 0.1 ? 0 : 1)})),
    results: chrF.map((value) => ({parameters: 1, bytes: 1, loss: 1, unrelatedLoss: 1, figures: {chrF: value}})),
  };
}

function comparisonOf(groups: GroupResult[], seeds = 3) {
  const comparison: Comparison = {
    ...{
      model: 'm',
      task: 'formal-german',
      methods: [],
      budgets: [],
      seeds,
      steps: 1,
      tokensPerStep: 1,
      backend: 'wasm',
    },
  };
  const result: ComparisonResult = {
    ...{groups, leftOut: []},
    seed: {parameters: 0, bytes: 0, loss: 2, unrelatedLoss: 1, figures: {chrF: 1}},
  };
  return {comparison, result};
}

const groups = [
  group('subset', 10, 2, [50, 51, 52]),
  group('subset-fisher', 10, 1, [60, 61, 62]),
  group('lora', 10, 3, [40, 41.5, 42]),
  group('prompt', 10, 4, [49, 53, 51]),
  group('random', 10, 2.5, [61, 62.5, 62.7]),
  group('lora', 100, 1, [61, 61.1, 62.2]),
  group('full', 100, 0.5, [70, 70, 70]),
  group('full', 10, 0.5, [70, 70, 70]),
];

describe('verdicts', () => {
  it("are of the paper's form beside the paper's rivals, and of the best beside the best and a larger LoRA", () => {
    const {comparison, result} = comparisonOf(groups);
    const said = verdicts(comparison, result).map(({kind, ours, rival, verdict}) => [
      ...[kind, ours.method, ours.budget, rival.method, rival.budget, verdict],
    ]);
    expect(said).toEqual([
      ['paper', 'subset', 10, 'lora', 10, 'wins'],
      ['paper', 'subset', 10, 'prompt', 10, 'ties'],
      ['best', 'subset-fisher', 10, 'random', 10, 'loses'],
      ['tenfold', 'subset-fisher', 10, 'lora', 100, 'ties'],
    ]);
  });

  it("has Student's t of the differences, seed by seed", () => {
    const {comparison, result} = comparisonOf(groups);
    const [{better}] = verdicts(comparison, result);
    // scipy.stats.t.interval(0.95, 2, mean, sem) of 10, 9.5, 10
    expect(better.mean).toBeCloseTo(9.833333333333334, 12);
    expect(better.low).toBeCloseTo(9.116224545041756, 9);
    expect(better.high).toBeCloseTo(10.550442121624911, 9);
  });

  it('says nothing of one seed, or where there is no form of subset tuning', () => {
    const one = comparisonOf(groups, 1);
    expect(verdicts(one.comparison, one.result)).toEqual([]);
    const rivals = comparisonOf(groups.filter(({method}) => !method.startsWith('subset')));
    expect(verdicts(rivals.comparison, rivals.result)).toEqual([]);
  });

  it('stand in the table', () => {
    const {comparison, result} = comparisonOf(groups);
    const table = summaryTable(summarise(comparison, result), result, verdicts(comparison, result), []);
    expect(table).toContain('| budget | subset tuning | rival | better by, in chrF |  |');
    expect(table).toContain('| 10 | subset | lora | +9.83 (+9.12 to +10.6) | wins |');
    expect(table).toContain('| 10 | subset-fisher | lora at 100 |');
    const few = comparisonOf(groups.filter(({method}) => ['subset', 'lora'].includes(method)));
    const twice = verdicts(few.comparison, few.result);
    expect(twice.map(({kind}) => kind)).toEqual(['paper', 'best', 'tenfold']);
    const once = summaryTable(summarise(few.comparison, few.result), few.result, twice, []);
    expect(once.split('| 10 | subset | lora | +')).toHaveLength(2);
  });
});
