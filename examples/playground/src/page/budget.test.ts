import {expect, it} from 'vitest';
import {budgetAt, deltaBytes, placeOf, SLIDER_STEPS} from './budget.js';

const ALL = 1_598_880;

it('goes from one weight to all, by the same factor at each place', () => {
  expect(budgetAt(0, ALL)).toBe(1);
  expect(budgetAt(SLIDER_STEPS, ALL)).toBe(ALL);
  expect(budgetAt(SLIDER_STEPS / 2, ALL)).toBe(Math.round(Math.sqrt(ALL)));
});

it.each([1, 2, 100, 15_989, ALL])('finds the place of %d again', (budget) => {
  const found = budgetAt(placeOf(budget, ALL), ALL);
  expect(Math.abs(Math.log(found / budget))).toBeLessThan(0.5);
});

it('knows about how large a file is', () => {
  // README's example: 1,599 weights, 19 kB.
  expect(deltaBytes(1599, ALL, 38)).toBeGreaterThan(15_000);
  expect(deltaBytes(1599, ALL, 38)).toBeLessThan(25_000);
  expect(deltaBytes(ALL, ALL, 38)).toBeGreaterThan(4 * ALL);
});
