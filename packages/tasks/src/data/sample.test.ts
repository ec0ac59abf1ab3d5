import {describe, expect, it} from 'vitest';
import {sampleRows, shuffleRows, splitRows} from './sample.js';

const rows = Array.from({length: 50}, (_, i) => i);
const sorted = (numbers: number[]) => numbers.toSorted((a, b) => a - b);

it('shuffles by seed, the same on every machine', () => {
  // Written down once: another order would part people's training and held-out rows anew.
  expect(shuffleRows([0, 1, 2, 3, 4, 5, 6, 7], 1)).toEqual([6, 1, 5, 2, 0, 7, 4, 3]);
  expect(shuffleRows(rows, 7)).toEqual(shuffleRows(rows, 7));
  expect(shuffleRows(rows, 7)).not.toEqual(shuffleRows(rows, 8));
  expect(sorted(shuffleRows(rows, 7))).toEqual(rows);
  expect(shuffleRows([], 7)).toEqual([]);
});

it('gives each place to each row about as often', () => {
  const counts = Array.from({length: 9}, () => 0);
  for (let seed = 0; seed < 900; seed++) {
    const [a, b, c] = shuffleRows([0, 1, 2], seed);
    counts[a]++;
    counts[3 + b]++;
    counts[6 + c]++;
  }
  for (const count of counts) expect(Math.abs(count - 300)).toBeLessThan(75); // five deviations
});

it('samples the start of the shuffled rows', () => {
  const shuffled = shuffleRows(rows, 3);
  for (const count of [0, 1, 10, 49, 50]) expect(sampleRows(rows, count, 3)).toEqual(shuffled.slice(0, count));
});

it('holds out a count or a share, and keeps the order', () => {
  for (const heldOut of [10, 0.2]) {
    const split = splitRows(rows, heldOut, 5);
    expect(split.heldOut).toHaveLength(10);
    expect(split.heldOut).toEqual(sorted(split.heldOut));
    expect(split.train).toEqual(sorted(split.train));
    expect(sorted([...split.train, ...split.heldOut])).toEqual(rows);
  }
  expect(splitRows(rows, 0, 1).train).toEqual(rows);
  expect(splitRows(rows, 50, 1).heldOut).toEqual(rows);
});

describe('refuses', () => {
  it.each<[() => unknown, string]>([
    [() => sampleRows(rows, 51, 1), 'sampleRows: count is 51, expected a whole number from 0 to 50'],
    [() => shuffleRows(rows, 0.5), 'shuffleRows: seed is 0.5, expected a whole number from 0 to 4294967295'],
    [() => shuffleRows(rows, 2 ** 32), 'shuffleRows: seed is 4294967296, expected a whole number from 0 to'],
    [() => sampleRows(rows, 2, -1), 'sampleRows: seed is -1, expected a whole number from 0 to'],
    [() => splitRows(rows, 1.5, 1), 'splitRows: heldOut is 1.5, expected a share of the rows below 1'],
  ])('%s', (call, message) => {
    expect(call).toThrow(message);
  });
});
