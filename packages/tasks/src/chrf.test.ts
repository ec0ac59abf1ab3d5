import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {corpusChrF, sentenceChrF} from './chrf.js';

interface Golden {
  rows: {hypothesis: string; references: string[]}[];
  wordOrder: Record<string, {corpus: number; sentences: number[]}>;
}
const golden: Golden = JSON.parse(readFileSync(new URL('../golden/chrf.json', import.meta.url), 'utf8'));
const hypotheses = golden.rows.map((row) => row.hypothesis);
const references = golden.rows.map((row) => row.references);

describe.each([0, 1, 2])('word order %i equals sacrebleu', (wordOrder) => {
  const wanted = golden.wordOrder[wordOrder];

  it('on the corpus', () => {
    const score = corpusChrF(hypotheses, references, {wordOrder});
    expect(Math.abs(score - wanted.corpus)).toBeLessThan(1e-9);
  });

  it.each(golden.rows.map((row, i) => ({...row, score: wanted.sentences[i]})))(
    '$hypothesis → $score',
    ({hypothesis, references, score}) => {
      expect(Math.abs(sentenceChrF(hypothesis, references, {wordOrder}) - score)).toBeLessThan(1e-9);
    },
  );
});

it('takes chrF by default', () => {
  expect(corpusChrF(hypotheses, references)).toBe(corpusChrF(hypotheses, references, {wordOrder: 0}));
  expect(sentenceChrF('ab cd', ['ab ce'])).not.toBe(sentenceChrF('ab cd', ['ab ce'], {wordOrder: 2}));
});

describe('bad input', () => {
  it('refuses lengths that differ', () => {
    expect(() => corpusChrF(['a'], [])).toThrow('1 hypotheses and 0 lists');
    expect(() => corpusChrF([], [])).toThrow('at least one');
  });

  it('refuses a sentence without references', () => {
    expect(() => corpusChrF(['a', 'b'], [['a'], []])).toThrow('hypothesis 1 has no reference');
    expect(() => sentenceChrF('a', [])).toThrow('the sentence has no reference');
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses word order %d', (wordOrder) => {
    expect(() => sentenceChrF('a', ['a'], {wordOrder})).toThrow('expected a whole number of at least 0');
  });
});
