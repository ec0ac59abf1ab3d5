import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {linear, shareBudget, totalBudget} from './index.js';

describe('totalBudget', () => {
  it.each([
    [{density: 1e-4}, 1_598_880, 160],
    [{density: 0.1}, 100, 10],
    [{density: 1}, 7, 7],
    [{parameters: 3}, 7, 3],
    [{parameters: linear({from: 1, to: 4, steps: 2})}, 7, 1],
  ])('%j of %i', (options, n, expected) => {
    expect(totalBudget(options, n, 0)).toBe(expected);
  });

  it('follows a schedule of counts, rounded', () => {
    expect(totalBudget({parameters: linear({from: 1, to: 4, steps: 2})}, 7, 1)).toBe(3);
  });

  it('refuses a density that rounds to nothing', () => {
    expect(() => totalBudget({density: 1e-9}, 1000, 0)).toThrow('less than half a parameter');
  });
});

describe('shareBudget', () => {
  it('adds up exactly and stays within each silo and within one of its quota', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({min: 1, max: 200_000_000}), {minLength: 1, maxLength: 40}),
        fc.double({min: 0, max: 1, noNaN: true}),
        (sizes, density) => {
          const n = sizes.reduce((sum, size) => sum + size, 0);
          const total = Math.round(density * n);
          const shares = shareBudget(total, sizes);
          expect(shares.reduce((sum, share) => sum + share, 0)).toBe(total);
          for (const [i, size] of sizes.entries()) {
            expect(shares[i]).toBeLessThanOrEqual(size);
            expect(Math.abs(shares[i] - (total / n) * size)).toBeLessThan(1.001);
          }
        },
      ),
    );
  });

  it('gives equal remainders to the first silos', () => {
    expect(shareBudget(2, [1, 1, 1])).toEqual([1, 1, 0]);
  });

  it.each([-1, 0.5, 4])('refuses a total of %d for three parameters', (total) => {
    expect(() => shareBudget(total, [1, 2])).toThrow(`total is ${total}`);
  });
});
