import {describe, expect, it} from 'vitest';
import {type ExactMatchOptions, exactMatch} from './exact-match.js';
import {score, signatureOf} from './score.js';

const share = (predictions: string[], references: string[][], options?: ExactMatchOptions) =>
  score(exactMatch(options), predictions, references).value;

describe('exactMatch', () => {
  it('compares character by character', () => {
    expect(share(['a', 'b', 'c ', 'D'], [['a'], ['B'], ['c'], ['D']])).toBe(0.5);
  });

  it('accepts any of several references', () => {
    const references = [
      ['x', 'a'],
      ['x', 'y'],
    ];
    expect(share(['a', 'b'], references)).toBe(0.5);
  });

  it('ignores case where asked', () => {
    expect(share(['ÄPFEL', 'ja.'], [['äpfel'], ['Ja']], {ignoreCase: true})).toBe(0.5);
  });

  it('ignores ASCII punctuation and digits, and nothing else, where asked', () => {
    const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
    expect(share([punctuation], [['']], {ignorePunctuation: true})).toBe(1);
    expect(share(['a b', '„a“', 'ja.'], [['ab'], ['a'], ['ja']], {ignorePunctuation: true})).toBe(1 / 3);
    expect(share(['a1', 'a٣'], [['a'], ['a']], {ignoreNumbers: true})).toBe(0.5);
  });

  it('ignores patterns, everywhere in the text', () => {
    expect(share(['1,000,000', 'x1'], [['1000000'], ['1']], {ignore: [/,/g, /^x/g]})).toBe(1);
    expect(signatureOf(exactMatch({ignore: [/a|b:/gi]}), [['x']])).toContain('|ignore:/a%7Cb%3A/gi|');
    expect(signatureOf(exactMatch({ignore: [/a/g]}), [['x']])).not.toBe(
      signatureOf(exactMatch({ignore: [/a/gi]}), [['x']]),
    );
    expect(() => exactMatch({ignore: [/,/]})).toThrow('expected an array of global regular expressions');
  });

  it('refuses lengths that differ, nothing, and an empty list of references', () => {
    expect(() => share(['a'], [['a'], ['b']])).toThrow('exact match: expected as many references as predictions');
    expect(() => share([], [])).toThrow('at least one');
    expect(() => share(['a', 'b'], [['a'], []])).toThrow(
      'exact match: row 1: the references are [], expected at least one',
    );
  });
});
