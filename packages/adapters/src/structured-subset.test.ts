import {sgd} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import {afterEach, describe, expect, it} from 'vitest';
import {diagonalAndRows, structuredSubset} from './structured-subset.js';

afterEach(() => tf.disposeVariables());

const side = fc.integer({min: 1, max: 12});

describe('diagonalAndRows', () => {
  it('gives as many places as it is asked for, ascending, inside, the diagonal first', () => {
    fc.assert(
      fc.property(side, side, fc.double({min: 0, max: 1, noNaN: true}), (rows, columns, share) => {
        const count = Math.round(share * rows * columns);
        const places = [...diagonalAndRows([rows, columns], count)];
        expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
        expect(places.length).toBe(count);
        expect(places.every((at) => at >= 0 && at < rows * columns)).toBe(true);
        if (rows === 1 || columns === 1) return;
        const diagonal = Math.min(rows, columns);
        const onIt = places.filter((at) => at % columns === Math.floor(at / columns)).length;
        expect(onIt).toBeGreaterThanOrEqual(Math.min(count, diagonal));
        // Of rank 1 beside the diagonal: whole rows, but for one.
        const lengths = Array.from(
          {length: rows},
          (_, row) => places.filter((at) => Math.floor(at / columns) === row).length,
        );
        const inPart = lengths.filter((length, row) => length > (row < diagonal ? 1 : 0) && length < columns);
        expect(inPart.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('spreads a small budget over the diagonal or the vector, and rows over the matrix', () => {
    expect([...diagonalAndRows([4, 4], 2)]).toEqual([0, 10]);
    expect([...diagonalAndRows([6], 3)]).toEqual([0, 2, 4]);
    expect([...diagonalAndRows([4, 3], 7)]).toEqual([0, 1, 2, 4, 6, 7, 8]);
    expect([...diagonalAndRows([2, 2, 2], 3)]).toEqual([0, 1, 3]);
  });
});

it('structuredSubset changes these places alone, each variable by its share', async () => {
  const [a, b] = [tf.variable(tf.ones([3, 3]), true, 'a'), tf.variable(tf.ones([9]), true, 'b')];
  const optimizer = structuredSubset(sgd({learningRate: 1}), {parameters: 6, variables: [a, b]});
  for (let step = 0; step < 2; step++) optimizer.minimize(() => tf.add(tf.sum(a), tf.sum(b)), false, [a, b]);
  const changes = await optimizer.subset();
  expect(changes.map(({name, positions}) => [name, ...positions])).toEqual([
    ['a', 0, 4, 8],
    ['b', 0, 3, 6],
  ]);
  expect([...(await a.data())]).toEqual([-1, 1, 1, 1, -1, 1, 1, 1, -1]);
  optimizer.dispose();
});
