import {describe, expect, it} from 'vitest';
import * as tasks from './index.js';

// As a caller in JavaScript has them: without types.
const js = tasks as unknown as Record<string, (...given: unknown[]) => unknown>;

const pair = {source: 'Go.', target: 'Geh.'};
const tokenizer = {encode: () => [1]};
const format = {separator: '<de>', end: '</s>'};
const strings = 'an array of strings';
const lists = 'an array with an array of strings for each hypothesis';
const notEmpty = 'a string that is not empty';
const pairs = 'an array of sentence pairs, or another iterable of such';

describe('a wrong call', () => {
  it.each<[name: string, given: unknown[], message: string]>([
    ['parseSentencePairs', [], 'parseSentencePairs: text is undefined, expected a string'],
    [
      'parseSentencePairs',
      [new Uint8Array(2)],
      'parseSentencePairs: text is a Uint8Array of 2 bytes, expected a string',
    ],
    ['groupBySource', [pair], `groupBySource: pairs is {"source":"Go.","target":"Geh."}, expected ${pairs}`],
    ['groupBySource', ['Go.'], `groupBySource: pairs is "Go.", expected ${pairs}`],
    ['groupBySource', [['Go.']], 'groupBySource: a pair is "Go.", expected an object with source, target, attribution'],
    ['groupBySource', [[{source: 'Go.'}]], 'groupBySource: a pair: target is undefined, expected a string'],
    ['corpusChrF', ['a', ['a']], `corpusChrF: hypotheses is "a", expected ${strings}`],
    ['corpusChrF', [['a']], `corpusChrF: references is undefined, expected ${lists}`],
    ['corpusChrF', [['a'], ['a']], `corpusChrF: references is ["a"], expected ${lists}`],
    ['corpusChrF', [['a'], [['a']], 2], 'corpusChrF: the options are 2, expected an object with wordOrder'],
    [
      'corpusChrF',
      [['a'], [['a']], {wordOrder: '2'}],
      'corpusChrF: wordOrder is "2", expected a whole number of at least 0',
    ],
    ['corpusChrF', [['a'], [['a']], {order: 2}], 'corpusChrF: there is no option "order" (2), expected wordOrder'],
    ['sentenceChrF', [['a'], ['a']], 'sentenceChrF: hypothesis is ["a"], expected a string'],
    ['sentenceChrF', ['a', 'a'], `sentenceChrF: references is "a", expected ${strings}`],
    ['sentenceChrF', ['a', ['a'], {beta: 1}], 'sentenceChrF: there is no option "beta" (1), expected wordOrder'],
    ['exactMatch', [[1], [['a']]], `exactMatch: hypotheses is [1], expected ${strings}`],
    ['exactMatch', [['a'], ['a']], `exactMatch: references is ["a"], expected ${lists}`],
    ['exactMatch', [['a'], [['a']], {ignoreCase: 1}], 'exactMatch: ignoreCase is 1, expected true or false'],
    [
      'exactMatch',
      [['a'], [['a']], {ignorecase: true}],
      'exactMatch: there is no option "ignorecase" (true), expected ignoreCase, ignorePunctuation',
    ],
    ['address', [7], 'address: german is 7, expected a string'],
    ['formalShare', ['Wo wohnen Sie?'], `formalShare: sentences is "Wo wohnen Sie?", expected ${strings}`],
    ['addressesFormally', ['Go.'], 'addressesFormally: german is undefined, expected a string'],
    ['addressesNobody', [pair], 'addressesNobody: english is {"source":"Go.","target":"Geh."}, expected a string'],
    ['prompt', [pair, format], 'prompt: source is {"source":"Go.","target":"Geh."}, expected a string'],
    ['prompt', ['Go.'], 'prompt: format: the options are undefined, expected an object with separator, end'],
    ['prompt', ['Go.', {separator: '<de>'}], `prompt: format: end is undefined, expected ${notEmpty}`],
    [
      'encodePair',
      ['Go.', tokenizer, format],
      'encodePair: pair is "Go.", expected an object with source, target, attribution',
    ],
    [
      'encodePair',
      [pair, undefined, format],
      'encodePair: tokenizer is undefined, expected an object with encode, a function',
    ],
    [
      'encodePair',
      [pair, () => [1], format],
      'encodePair: tokenizer is a function, expected an object with encode, a function',
    ],
    [
      'encodePair',
      [pair, tokenizer, {seperator: '<de>', end: '</s>'}],
      'encodePair: format: there is no option "seperator" ("<de>"), expected separator, end',
    ],
  ])('%s of %o', (name, given, message) => {
    expect(() => js[name](...given)).toThrow(new Error(message));
  });
});
