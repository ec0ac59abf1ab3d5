import {describe, expect, it} from 'vitest';
import {groupBySource, parseSentencePairs} from './sentence-pairs.js';

describe('parseSentencePairs', () => {
  it('reads pairs, and attributions where there are any', () => {
    const text = 'Go.\tGeh.\tCC-BY 2.0 (France) Attribution: tatoeba.org #1 (a) & #2 (b)\nHi.\tHallo.\n';
    expect(parseSentencePairs(text)).toEqual([
      {source: 'Go.', target: 'Geh.', attribution: 'CC-BY 2.0 (France) Attribution: tatoeba.org #1 (a) & #2 (b)'},
      {source: 'Hi.', target: 'Hallo.'},
    ]);
  });

  it('takes CRLF, a byte order mark, no last line end, and further columns', () => {
    const two = [
      {source: 'a', target: 'b'},
      {source: 'c', target: 'd', attribution: 'e'},
    ];
    expect(parseSentencePairs('\uFEFFa\tb\r\nc\td\te\tf\r\n')).toEqual(two);
    expect(parseSentencePairs('a\tb\nc\td\te')).toEqual(two);
  });

  it('changes nothing inside a column', () => {
    expect(parseSentencePairs(' a\u00a0 \t"b"\u2028c ')).toEqual([{source: ' a\u00a0 ', target: '"b"\u2028c '}]);
  });

  it('reads an empty text as no pairs', () => {
    expect(parseSentencePairs('')).toEqual([]);
  });

  it.each([
    ['a\tb\nno tab\nc\td', 2, 'no tab'],
    ['a\tb\n\nc\td', 2, ''],
    ['a\tb\nc\t \n', 2, 'c\t '],
    ['\tb', 1, '\tb'],
    ['a\tb\n\n', 2, ''],
  ])('names the line that is no pair: %j', (text, line, found) => {
    expect(() => parseSentencePairs(text)).toThrow(
      `line ${line}: expected a source, a tab and a target, got ${JSON.stringify(found)}`,
    );
  });
});

describe('groupBySource', () => {
  it('gathers targets in order, also of sources that do not follow each other', () => {
    const pairs = parseSentencePairs('a\t1\nb\t2\na\t3\n__proto__\t4\na\t1');
    expect(groupBySource(pairs)).toEqual([
      {source: 'a', references: ['1', '3', '1']},
      {source: 'b', references: ['2']},
      {source: '__proto__', references: ['4']},
    ]);
  });
});
