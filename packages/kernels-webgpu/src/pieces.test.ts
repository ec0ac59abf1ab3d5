import {expect, test} from 'vitest';
import {cutIntoPieces} from './pieces.js';
import {fold} from './recorder.js';

test('pieces cover each tensor once, start with whole words and are multiples of four but for the last', () => {
  const sizes = [1, 8192, 20_011, 40_000];
  const pieces = cutIntoPieces(sizes, 17_000);
  expect(pieces).toEqual([
    {tensor: 0, start: 0, length: 1, word: 0},
    {tensor: 1, start: 0, length: 8192, word: 1},
    {tensor: 2, start: 0, length: 16_384, word: 257},
    {tensor: 2, start: 16_384, length: 3627, word: 769},
    {tensor: 3, start: 0, length: 16_384, word: 883},
    {tensor: 3, start: 16_384, length: 16_384, word: 1395},
    {tensor: 3, start: 32_768, length: 7232, word: 1907},
  ]);
});

test('workgroups beyond one dimension are folded into two', () => {
  expect(fold(65_535, 65_535)).toEqual([65_535, 1]);
  for (const groups of [65_536, 100_000, 65_535 * 65_535]) {
    const [x, y] = fold(groups, 65_535);
    expect(x).toBeLessThanOrEqual(65_535);
    expect(y).toBeLessThanOrEqual(65_535);
    expect(x * y).toBeGreaterThanOrEqual(groups);
    expect(x * y - groups).toBeLessThan(y);
  }
  expect(() => fold(10, 3)).toThrow('10 workgroups are needed; the device allows 9');
});
