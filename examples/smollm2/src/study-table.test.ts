import {readFileSync} from 'node:fs';
import {expect, it} from 'vitest';
import type {StudyResult} from './study.js';
import {studyTable} from './study-table.js';

const {rows}: StudyResult = JSON.parse(readFileSync(new URL('../results/study.json', import.meta.url), 'utf8'));

it('the optimizer’s page on choosing shows the committed study', () => {
  const page = readFileSync(new URL('../../../packages/optimizer/docs/choosing.md', import.meta.url), 'utf8');
  expect(page).toContain(`\n${studyTable(rows)}\n`);
  expect(page).toContain(`The seed's loss is ${rows[0].loss.toFixed(3)}.`);
});
