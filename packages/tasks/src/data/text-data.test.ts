import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {textData} from '../../../../test/text-data.js';
import {type DataSet, loadSplit} from './data-set.js';
import {dataSets} from './data-sets.js';
import type {SuperGlueName} from './super-glue-rows.js';

const folder = textData();
const {tatoeba, multi30k, gsm8k, xquad} = dataSets;

describe.runIf(folder)('the real data sets load', () => {
  it.each<[path: string, dataSet: DataSet<unknown>, split: string, rows: number]>([
    ['gsm8k', gsm8k, 'train', 7473],
    ['gsm8k', gsm8k, 'test', 660],
    ['xquad', xquad, 'en', 1190],
    ['multi30k', multi30k, 'train', 29000],
    ['multi30k', multi30k, 'validation', 1014],
    ['multi30k', multi30k, 'test', 1000],
  ])('%s, %o, %s: %i rows', async (path, dataSet, split, rows) => {
    expect(await loadSplit(dataSet, `${folder}/${path}`, split)).toHaveLength(rows);
  });

  it.each(['train', 'validation', 'test'])('tatoeba, %s: a row a line', async (split) => {
    const file = `${folder}/tatoeba/${tatoeba.splits[split][0]}`;
    const lines = readFileSync(file, 'utf8').split('\n').length - 1;
    const rows = await loadSplit(tatoeba, `${folder}/tatoeba`, split);
    expect(rows.length).toBeGreaterThanOrEqual(lines);
    expect(rows.length - lines).toBeLessThanOrEqual(1); // the last line may lack its end
  });

  it.each<[SuperGlueName, path: string, validation: number | undefined]>([
    ['boolq', 'BoolQ', 3270],
    ['cb', 'CB', 56],
    ['copa', 'COPA', 100],
    ['multirc', 'MultiRC', 4848],
    ['record', 'ReCoRD', undefined],
    ['rte', 'RTE', 277],
    ['wic', 'WiC', 638],
    ['wsc', 'WSC', 104],
  ])('SuperGLUE %s, published and few-shot', async (name, path, validation) => {
    const dataSet: DataSet<{label?: number; idx: unknown}> = dataSets[name];
    const place = `${folder}/superglue/${path}`;
    const few = [await loadSplit(dataSet, place, 'train'), await loadSplit(dataSet, place, 'dev32')];
    for (const rows of few) {
      if (name !== 'multirc' && name !== 'record') expect(rows).toHaveLength(32);
      else expect(rows.length).toBeGreaterThanOrEqual(32);
    }
    const rows = validation === undefined ? [] : await loadSplit(dataSet, place, 'validation');
    expect(rows).toHaveLength(validation ?? 0);
    if (name !== 'record') {
      for (const {label} of [...few.flat(), ...rows]) expect(Number.isInteger(label)).toBe(true);
    }
  });

  it('the answers of xquad stand where they say', async () => {
    for (const {context, answers} of await loadSplit(xquad, `${folder}/xquad`, 'en')) {
      for (const {text, answer_start} of answers) {
        expect([...context].slice(answer_start, answer_start + [...text].length).join('')).toBe(text);
      }
    }
  });
});
