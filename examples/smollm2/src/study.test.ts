import {execFile} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {afterAll, beforeAll, expect, it} from 'vitest';
import {CELLS, type StudyResult} from './study.js';

// The command itself, as it is built: `npm test` builds first.
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const model = fileURLToPath(new URL('../../../packages/tiny-translator/checkpoint', import.meta.url));
const run = (...args: string[]) => promisify(execFile)(process.execPath, [main, ...args]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'smollm2-'));
  const problems = ['How many legs have two cats?', 'How old is he?', 'Where is the third one?'];
  const lines = problems.map((question, i) => JSON.stringify({question, answer: `It is ${i}.\n#### ${i}`}));
  writeFileSync(join(folder, 'train.jsonl'), `${lines.slice(0, 2).join('\n')}\n`);
  writeFileSync(join(folder, 'test.jsonl'), `${lines[2]}\n`);
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const options = () => [
  ...['--model', model, '--train', join(folder, 'train.jsonl'), '--test', join(folder, 'test.jsonl')],
  ...['--steps', '2', '--rows', '1', '--held-out', '1', '--out', join(folder, 'study.json')],
];

it('runs every cell once, on any checkpoint that models reads', {timeout: 240_000}, async () => {
  const {stdout} = await run(...options());
  expect(stdout.match(/weights changed$/gm)?.length).toBe(CELLS.length);
  const {setting, rows}: StudyResult = JSON.parse(readFileSync(join(folder, 'study.json'), 'utf8'));
  expect(setting).toEqual({density: 1e-4, steps: 2, rowsPerStep: 1, tokensAtMost: 160, heldOut: 1});
  expect(rows.map(({method, learningRate}) => ({method, learningRate}))).toEqual(CELLS);
  const [seed, ...tuned] = rows;
  for (const {changedParameters, loss, trainingLoss} of tuned) {
    expect(changedParameters).toBeGreaterThan(0);
    expect(changedParameters).toBeLessThanOrEqual(160);
    expect(loss).not.toBe(seed.loss);
    expect(trainingLoss).toBeGreaterThan(0);
  }
  // All is there: what is printed is the table alone.
  expect((await run(...options())).stdout).toMatch(/^\| method \| rate 0.001 /);
});

it('names the line that is no problem', async () => {
  writeFileSync(join(folder, 'broken.jsonl'), '{"question": "Why?", "answer": "So."}\n{"question": 3}\n');
  const broken = [...options(), '--train', join(folder, 'broken.jsonl'), '--out', join(folder, 'other.json')];
  await expect(run(...broken)).rejects.toThrow(
    'broken.jsonl, line 2: expected an object with a question and an answer',
  );
});
