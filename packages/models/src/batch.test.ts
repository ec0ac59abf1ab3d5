import {describe, expect, it} from 'vitest';
import {collate} from './index.js';

describe('collate', () => {
  it('shifts, pads on the right and weighs what is to be learnt', () => {
    expect(
      collate([
        {ids: [1, 7, 4, 9, 2], sourceLength: 3},
        {ids: [1, 4, 2], sourceLength: 2},
      ]),
    ).toEqual({
      inputs: [
        [1, 7, 4, 9],
        [1, 4, 0, 0],
      ],
      targets: [
        [7, 4, 9, 2],
        [4, 2, 0, 0],
      ],
      weights: [
        [0, 0, 1, 1],
        [0, 1, 0, 0],
      ],
    });
  });

  it('refuses examples that teach nothing', () => {
    expect(() => collate([])).toThrow('expected at least one example');
    for (const sourceLength of [0, 2, 1.5, -1, Number.NaN]) {
      expect(() => collate([{ids: [1, 2], sourceLength}])).toThrow(
        `example 0 is given ${sourceLength} of its 2 tokens`,
      );
    }
  });
});
