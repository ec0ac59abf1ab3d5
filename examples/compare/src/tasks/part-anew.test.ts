import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {useBackend} from '@subset-tuning/example-shared';
import {dataSets, evaluate, getTask} from '@subset-tuning/tasks';
import {expect, it} from 'vitest';
import {loadCausalModel} from '../models.js';
import {partAnew} from './part-anew.js';
import {taskOfRows} from './task-of-rows.js';

/** RTE's files with so many rows, whose premises are 0, 1, 2, … */
async function withRows(count: number, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rows-'));
  const line = (i: number) =>
    JSON.stringify({premise: `${i}`, hypothesis: 'h', label: i % 2 ? 'entailment' : 'not_entailment', idx: i});
  const lines = Array.from({length: count}, (_, i) => line(i));
  try {
    writeFileSync(join(folder, 'train.jsonl'), lines.slice(0, count / 2).join('\n'));
    writeFileSync(join(folder, 'val.jsonl'), lines.slice(count / 2).join('\n'));
    await use(folder);
  } finally {
    rmSync(folder, {recursive: true});
  }
}

it.each([
  [64, 40, 8, 16],
  [4000, 3232, 256, 512],
])('parts %i rows into %i, %i and %i, each row once, the same each time', async (count, train, validation, test) => {
  await withRows(count, async (folder) => {
    const parts = await partAnew(dataSets.rte, folder);
    expect([parts.train, parts.validation, parts.test].map(({length}) => length)).toEqual([train, validation, test]);
    const premises = [...parts.train, ...parts.validation, ...parts.test].map(({premise}) => Number(premise));
    expect(premises.toSorted((a, b) => a - b)).toEqual(Array.from({length: count}, (_, i) => i));
    expect(await partAnew(dataSets.rte, folder)).toEqual(parts);
  });
});

it('a task of the tested rows asks about these and no others', async () => {
  await useBackend('wasm');
  const model = await loadCausalModel('tiny-translator');
  try {
    await withRows(64, async (folder) => {
      const {test} = await partAnew(dataSets.rte, folder);
      const options = {data: folder, split: 'test'} as const;
      const {samples} = await evaluate(model, taskOfRows(getTask('rte'), test), options);
      expect(samples.map(({doc}) => doc)).toEqual(test);
    });
  } finally {
    model.dispose();
  }
});
