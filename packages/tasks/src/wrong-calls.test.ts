import {describe, expect, it} from 'vitest';
import * as tasks from './index.js';

// As a caller in JavaScript has them: without types.
const js = tasks as unknown as Record<string, (...given: unknown[]) => unknown>;

const pair = {source: 'Go.', target: 'Geh.'};
const tokenizer = {encode: () => [1]};
const format = {separator: '<de>', end: '</s>'};
const strings = 'an array of strings';
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
    ['score', [tasks.chrf(), 'a', ['a']], 'chrF2: the predictions is "a", expected an array'],
    ['score', [tasks.chrf(), ['a']], 'chrF2: the references is undefined, expected an array'],
    ['score', [tasks.chrf(), ['a'], ['a']], `chrF2: row 0: the references is "a", expected ${strings}`],
    ['score', [tasks.bleu(), [7], [['a']]], 'BLEU: row 0: the prediction is 7, expected a string'],
    [
      'score',
      [tasks.squad2(), ['a'], [['a']]],
      'SQuAD2 f1: row 0: the prediction is "a", expected an object with text, noAnswerProbability',
    ],
    [
      'score',
      [tasks.multiRC(), [[1, 2]], [[1, 0]]],
      'MultiRC f1a: row 0: the prediction is [1,2], expected an array of zeros and ones',
    ],
    [
      'score',
      [tasks.genderParity(), [[1]], [[1, 0]]],
      'gender parity: row 0: the prediction is [1], expected an array of two labels',
    ],
    [
      'score',
      [tasks.accuracy(), [{}], [1]],
      'accuracy: row 0: the prediction is {}, expected a string, a number, true or false',
    ],
    [
      'chrf',
      [2],
      'chrf: the options are 2, expected an object with charOrder, wordOrder, beta, lowercase, whitespace, epsSmoothing',
    ],
    [
      'score',
      [{...tasks.accuracy(), statistics: () => [1]}, [1], [1]],
      'accuracy: row 0: the metric gives 1 statistics, expected 2, its size',
    ],
    [
      'bootstrap',
      [tasks.accuracy(), tasks.statisticsOf(tasks.squad(), ['a'], [['a']])],
      'bootstrap: a row has 3 statistics, expected 2, the size of accuracy',
    ],
    ...['pairedBootstrap', 'approximateRandomization'].map((name): [string, unknown[], string] => {
      const statistics = tasks.statisticsOf(tasks.squad(), ['a'], [['a']]);
      const message = `${name}: a row has 3 statistics, expected 2, the size of accuracy`;
      return [name, [tasks.accuracy(), statistics, statistics], message];
    }),
    ['chrf', [{wordOrder: '2'}], 'chrf: wordOrder is "2", expected a whole number from 0 to 100'],
    ['bleu', [{tokenizer: '13b'}], 'bleu: tokenizer is "13b", expected one of 13a, intl, char, none'],
    ['bleu', [{smoothing: 'add'}], 'bleu: smoothing is "add", expected one of none, floor, add-k, exp'],
    ['ter', [{normalized: 1}], 'ter: normalized is 1, expected true or false'],
    ['gsm8k', [{extraction: 'lax'}], 'gsm8k: extraction is "lax", expected one of original, strict, flexible'],
    [
      'matthews',
      [{labels: [1, 1]}],
      'matthews: labels is [1,1], expected an array of at least two labels, all different',
    ],
    ['exactMatch', [{ignoreCase: 1}], 'exactMatch: ignoreCase is 1, expected true or false'],
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
