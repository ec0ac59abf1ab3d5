import {readFileSync} from 'node:fs';
import {expect, it} from 'vitest';
import {type GridResult, gridFile} from '../grid.js';
import {type StudyResult, studyFile, trials} from './run-study.js';
import {studyTable} from './study-table.js';

const study: StudyResult = JSON.parse(readFileSync(studyFile, 'utf8'));
const grid: GridResult = JSON.parse(readFileSync(gridFile, 'utf8'));

it('the committed study has every trial, with the grid’s data order', () => {
  expect(study.rows.map(({loss, formal, chrFOther, ...trial}) => trial)).toEqual(trials());
  expect(study.seed).toBe(grid.seed);
});

it('the optimizer’s page on choosing shows the committed study', () => {
  const page = new URL('../../../../packages/optimizer/docs/choosing.md', import.meta.url);
  expect(readFileSync(page, 'utf8')).toContain(`\n${studyTable(study.rows, grid.rows)}\n`);
});
