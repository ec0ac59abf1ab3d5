import {expect, it} from 'vitest';
import {chooseShots} from './choose-shots.js';

const pool = Array.from({length: 20}, (_, i) => ({i}));
const numbers = (rows: {i: number}[]) => rows.map(({i}) => i);

it('takes the first, without the row that is asked about', () => {
  expect(numbers(chooseShots(pool, {shots: 3, sampler: 'first'}))).toEqual([0, 1, 2]);
  expect(numbers(chooseShots(pool, {shots: 3, sampler: 'first', row: {i: 1}}))).toEqual([0, 2, 3]);
  expect(chooseShots(pool, {shots: 0})).toEqual([]);
});

it('draws others for every row, the same for the same seed', () => {
  const draws = pool.map((row, index) => numbers(chooseShots(pool, {shots: 5, seed: 3, row, index})));
  expect(draws).toEqual(pool.map((row, index) => numbers(chooseShots(pool, {shots: 5, seed: 3, row, index}))));
  for (const [i, drawn] of draws.entries()) {
    expect(new Set(drawn).size).toBe(5);
    expect(drawn).not.toContain(i);
  }
  expect(new Set(draws.map(String)).size).toBeGreaterThan(18);
  expect(numbers(chooseShots(pool, {shots: 5, seed: 3}))).not.toEqual(numbers(chooseShots(pool, {shots: 5, seed: 4})));
});

it('shows every row of the pool about as often', () => {
  const counts = pool.map(() => 0);
  for (let index = 0; index < 1000; index++) for (const {i} of chooseShots(pool, {shots: 4, index})) counts[i]++;
  for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(65); // five deviations
});

it('goes without a row that stands in the pool more than once', () => {
  const doubled = [{i: 0}, {i: 0}, {i: 0}, {i: 1}, {i: 2}];
  for (let index = 0; index < 20; index++) {
    const shots = numbers(chooseShots(doubled, {shots: 2, row: {i: 0}, index}));
    expect(shots.toSorted()).toEqual([1, 2]);
  }
});

it('looks at no more of the pool than it needs', () => {
  const unread = {
    toJSON() {
      throw new Error('was looked at');
    },
  };
  const long: object[] = [{i: 0}, {i: 1}, {i: 2}, unread];
  expect(chooseShots(long, {shots: 2, sampler: 'first', row: {i: 1}})).toEqual([{i: 0}, {i: 2}]);
});

it('refuses a pool that is too small', () => {
  expect(() => chooseShots(pool.slice(0, 2), {shots: 2, row: {i: 1}})).toThrow(
    'chooseShots: the pool has 1 rows besides the one that is asked about, expected at least 2',
  );
  expect(() => chooseShots(pool, {shots: 1, sampler: 'last' as 'first'})).toThrow('sampler is "last"');
});
