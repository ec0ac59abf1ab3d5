import {describe, expect, it} from 'vitest';
import {exactMatch} from './exact-match.js';

describe('exactMatch', () => {
  it('compares character by character', () => {
    expect(exactMatch(['a', 'b', 'c ', 'D'], [['a'], ['B'], ['c'], ['D']])).toBe(0.5);
  });

  it('accepts any of several references', () => {
    expect(
      exactMatch(
        ['a', 'b'],
        [
          ['x', 'a'],
          ['x', 'y'],
        ],
      ),
    ).toBe(0.5);
  });

  it('ignores case where asked', () => {
    expect(exactMatch(['ÄPFEL', 'ja.'], [['äpfel'], ['Ja']], {ignoreCase: true})).toBe(0.5);
  });

  it('ignores ASCII punctuation, and nothing else, where asked', () => {
    const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
    expect(exactMatch([punctuation], [['']], {ignorePunctuation: true})).toBe(1);
    expect(exactMatch(['a b', '„a“', 'ja.'], [['ab'], ['a'], ['ja']], {ignorePunctuation: true})).toBe(1 / 3);
  });

  it('refuses lengths that differ, nothing, and an empty list of references', () => {
    expect(() => exactMatch(['a'], [['a'], ['b']])).toThrow('1 hypotheses and 2 lists');
    expect(() => exactMatch([], [])).toThrow('at least one');
    expect(() => exactMatch(['a', 'b'], [['a'], []])).toThrow('hypothesis 1 has no reference');
  });
});
