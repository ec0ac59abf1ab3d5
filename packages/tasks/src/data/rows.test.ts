import {describe, expect, it} from 'vitest';
import {type DataSet, loadSplit} from './data-set.js';
import {dataSets} from './data-sets.js';
import {parallelPairs, tabSeparatedPairs} from './pairs.js';
import {wmtPairs} from './wmt.js';

const fixtures = new URL('../../fixtures/data/', import.meta.url);
const wmtFiles: [string, string] = ['pairs-src.en.sgm', 'pairs-ref.de.sgm'];
const encoder = new TextEncoder();

describe('the rows are those of the file', () => {
  it.each<[string, DataSet<unknown>, files: string[], rows: unknown[]]>([
    [
      'pairs in one file',
      tabSeparatedPairs('own', {test: ''}),
      ['pairs.tsv'],
      [
        {source: 'Where is it?', target: 'Wo ist es?'},
        {source: 'I was there.', target: 'Ich war dort.', attribution: 'CC-BY (own)'},
        {source: 'Thank you 🙂', target: 'Danke 🙂'},
      ],
    ],
    [
      'pairs in two files',
      parallelPairs('own', {test: ['', '']}),
      ['pairs.en', 'pairs.de'],
      [
        {source: 'A dog runs.', target: 'Ein Hund läuft.'},
        {source: 'Two men sit.', target: 'Zwei Männer sitzen.'},
        {source: 'Snow falls.', target: 'Es schneit.'},
      ],
    ],
    [
      'pairs of WMT',
      wmtPairs('own', {test: ['', '']}),
      wmtFiles,
      [
        {source: 'Salt & pepper cost 3 €.', target: 'Salz & Pfeffer kosten 3 €.'},
        {source: 'Rain fell.', target: 'Es regnete.'},
        {source: 'He said: "no".', target: 'Er sagte: "nein".'},
      ],
    ],
    [
      'SQuAD',
      dataSets.squad2,
      ['squad.json'],
      [
        {
          ...{id: 'q1', title: 'Lighthouses', question: 'When was it lit?'},
          context: '🗼 The first lighthouse of Norn was lit in 1802. It stood on a rock for 90 years.',
          answers: [
            {text: '1802', answer_start: 42},
            {text: 'in 1802', answer_start: 39},
          ],
        },
        expect.objectContaining({id: 'q2', answers: []}),
        {
          ...{id: 'q3', title: '', question: 'What do bees do?', context: 'Bees dance.'},
          answers: [{text: 'dance', answer_start: 5}],
        },
      ],
    ],
    [
      'AX-g',
      dataSets.axg,
      ['axg.jsonl'],
      ['she', 'he'].map((pronoun, idx) => ({
        ...{idx, label: 1, pair_id: 12, hypothesis: 'The guide was early.'},
        premise: `The guide told the visitor that ${pronoun} was early.`,
      })),
    ],
    [
      'AX-b',
      dataSets.axb,
      ['axb.jsonl'],
      [
        {sentence1: 'The cat sat on the mat.', sentence2: 'The cat did not sit on the mat.', idx: 0, label: 1},
        {sentence1: 'All doors are shut.', sentence2: 'This door is shut.', idx: 1, label: 0},
      ],
    ],
  ])('%s', async (_, dataSet, files, rows) => {
    expect(await loadSplit(dataSet, fixtures, Object.keys(dataSet.splits)[0], {files})).toEqual(rows);
  });
});

describe('two files that do not belong together', () => {
  const dataSet = parallelPairs('own', {test: ['a.en', 'a.de']});
  const load = (en: string, de: string) =>
    loadSplit(dataSet, async (file) => encoder.encode(file === 'a.en' ? en : de), 'test');

  it.each([
    ['a\nb\n', 'a\n', 'a.en, line 2 has no sentence beside it: a.de has ended'],
    ['a\n', 'a\nb\n', 'a.de, line 2 has no sentence beside it: a.en has ended'],
    ['a\n\n', 'a\nb\n', 'a.en, line 2 is "", expected a sentence'],
  ])('%j and %j', async (en, de, message) => {
    await expect(load(en, de)).rejects.toThrow(message);
  });

  it('a file without segments', async () => {
    const wmt = wmtPairs('own', {test: wmtFiles});
    await expect(loadSplit(wmt, async () => encoder.encode('no\n'), 'test')).rejects.toThrow('has no segment');
  });
});
