import {expect, it} from 'vitest';
import {readJson} from '../../../../test/read-file.js';
import {distanceBuckets} from './distance-bias.js';

const {buckets} = await readJson<{
  buckets: {buckets: number; farthest: number; bothWays: boolean; from: number; values: number[]}[];
}>(new URL('../../golden/t5/t5/golden.json', import.meta.url));

it.each(buckets)('distances lie in the buckets of transformers: $buckets to $farthest', ({from, values, ...sizes}) => {
  const keys = values.map((_, at) => from + at);
  const made = distanceBuckets([0], keys, keys.length, sizes);
  expect(made.shape).toEqual([1, 1, values.length]);
  expect([...made.values]).toEqual(values);
});

it('takes rows of queries, each with keys of its own', () => {
  const made = distanceBuckets([5, 9], [4, 5, 6, 6, 8, 9], 3, {buckets: 8, farthest: 20, bothWays: false});
  expect(made.shape).toEqual([2, 1, 3]);
  expect([...made.values]).toEqual([1, 0, 0, 3, 1, 0]);
});
