import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {Info} from './contract.js';
import {createState, packSubset, readSubset, stateFromPositions} from './subset-state.js';

const silo = fc.array(
  fc.integer({min: 1, max: 100}).chain((size) =>
    fc.record({
      size: fc.constant(size),
      chosen: fc.uniqueArray(fc.tuple(fc.integer({min: 0, max: size - 1}), fc.float()), {selector: ([i]) => i}),
    }),
  ),
  {minLength: 1, maxLength: 5},
);

describe('the subset state', () => {
  it('reads back what was packed', () => {
    fc.assert(
      fc.property(silo, (tensors) => {
        const sizes = tensors.map(({size}) => size);
        const subset = tensors.map(({chosen}) => {
          const sorted = chosen.toSorted(([i], [j]) => i - j);
          return {
            positions: Uint32Array.from(sorted, ([i]) => i),
            seeds: Float32Array.from(sorted, ([, value]) => value),
          };
        });
        const state = packSubset(subset, sizes);
        expect(readSubset(state, sizes)).toEqual(subset);
        expect(state[2][Info.size]).toBe(subset.reduce((sum, {positions}) => sum + positions.length, 0));
      }),
    );
  });

  it('starts each tensor in a new word', () => {
    const [mask] = packSubset(
      [
        {positions: Uint32Array.of(0, 32), seeds: Float32Array.of(1, 2)},
        {positions: Uint32Array.of(31), seeds: Float32Array.of(3)},
      ],
      [33, 32],
    );
    expect([...mask]).toEqual([1, 1, -(2 ** 31)]);
  });

  it('is made of three tensors', async () => {
    const fresh = createState([6, 40], 3);
    expect(fresh.map(({dtype, shape}) => [dtype, ...shape])).toEqual([
      ['int32', 3],
      ['float32', 3],
      ['int32', 16],
    ]);
    const given = stateFromPositions([{positions: Uint32Array.of(1, 4), seeds: Float32Array.of(0.5, -2)}], [6]);
    expect([...(await given[0].data())]).toEqual([18]);
    expect([...(await given[1].data())]).toEqual([0.5, -2]);
    tf.dispose([fresh, given]);
  });

  it('refuses what does not fit', () => {
    const state = packSubset([{positions: Uint32Array.of(1, 4), seeds: Float32Array.of(0.5, -2)}], [6]);
    expect(() => createState([])).toThrow('the silo has no tensors; expected at least one');
    expect(() => createState([6, 0])).toThrow('tensor 1 of the silo has size 0; expected a positive integer');
    expect(() => createState([6], 7)).toThrow('capacity is 7; expected an integer from 0 to 6');
    expect(() => readSubset(state, [40])).toThrow('mask has 1 words; expected 2 for tensors of sizes 40');
    expect(() => readSubset(state, [4])).toThrow('mask chooses element 4 of a tensor of size 4');
    expect(() => readSubset([state[0], new Float32Array(1), state[2]], [6])).toThrow(
      'mask chooses at least 2 entries; seeds holds 1',
    );
    const subset = (positions: number[], seeds: number[]) => [
      {positions: Uint32Array.from(positions), seeds: Float32Array.from(seeds)},
    ];
    expect(() => packSubset(subset([1, 1], [0, 0]), [6])).toThrow(
      'position 1 of tensor 0 is 1; expected ascending places below 6',
    );
    expect(() => packSubset(subset([6], [0]), [6])).toThrow('position 0 of tensor 0 is 6');
    expect(() => packSubset(subset([1], []), [6])).toThrow('tensor 0 has 1 positions and 0 seeds; expected as many');
    expect(() => packSubset(subset([1], [0]), [6, 6])).toThrow('subset is of 1 tensors; expected 2');
    expect(() => packSubset(subset([1, 2], [0, 0]), [6], 1)).toThrow('capacity is 1; expected at least 2');
  });
});
