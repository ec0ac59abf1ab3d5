import {describe, expect, it} from 'vitest';
import {matchNames} from './match-names.js';

const matched = (saved: string[], names: string[]) => [...matchNames(saved, names)];

describe('matchNames', () => {
  it.each<[why: string, saved: string[], names: string[], pairs: [string, string][]]>([
    [
      'the same names, in their own order',
      ['a', 'b'],
      ['b', 'a'],
      [
        ['a', 'a'],
        ['b', 'b'],
      ],
    ],
    [
      'the same names, one of them like a copy of the other',
      ['w', 'w_1'],
      ['w_1', 'w'],
      [
        ['w', 'w'],
        ['w_1', 'w_1'],
      ],
    ],
    [
      'a copy beside its original',
      ['d/kernel', 'd/bias'],
      ['d/kernel_1', 'd/bias_1'],
      [
        ['d/kernel_1', 'd/kernel'],
        ['d/bias_1', 'd/bias'],
      ],
    ],
    [
      'a copy of what has copies in it',
      ['w', 'w_1'],
      ['w_1', 'w_2'],
      [
        ['w_1', 'w'],
        ['w_2', 'w_1'],
      ],
    ],
    ['the original of a copy', ['w_1'], ['w'], [['w', 'w_1']]],
    ['a copy of a name that ends in a number', ['w_1'], ['w_1_1'], [['w_1_1', 'w_1']]],
    [
      'one that is frozen now',
      ['base', 'head'],
      ['head'],
      [
        ['base', 'base'],
        ['head', 'head'],
      ],
    ],
    ['one that was frozen then', ['head'], ['base', 'head'], [['head', 'head']]],
  ])('%s', (_, saved, names, pairs) => {
    expect(matched(saved, names)).toEqual(pairs);
  });

  it.each<[saved: string[], names: string[], message: string]>([
    [
      ['q/w', 'q/v'],
      ['q/w_1', 'q/u_1'],
      'the saved state is of other variables: "q/v" stands where "q/u_1" is expected',
    ],
    [
      ['w', 'w_1'],
      ['w_1'],
      'the saved state is of ["w","w_1"], expected ["w_1"]: neither the names fit nor how many there are',
    ],
    [['w'], ['w', 'w_1'], 'the saved state is of ["w"], expected ["w","w_1"]'],
    [['w'], ['v'], '"w" stands where "v" is expected'],
    [['w1'], ['w2'], '"w1" stands where "w2" is expected'],
  ])('refuses %j for %j', (saved, names, message) => {
    expect(() => matchNames(saved, names)).toThrow(message);
  });
});
