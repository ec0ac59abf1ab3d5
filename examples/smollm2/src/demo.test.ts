import {execFile} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {describeDelta, readDelta} from '@subset-tuning/deltas';
import {afterAll, beforeAll, expect, it} from 'vitest';
import {resultOf} from './measure.js';

// The command itself, as it is built: `npm test` builds first.
const demo = fileURLToPath(new URL('../dist/demo.js', import.meta.url));
const model = fileURLToPath(new URL('../../../packages/tiny-translator/checkpoint', import.meta.url));
const run = (...args: string[]) => promisify(execFile)(process.execPath, [demo, ...args]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'smollm2-'));
  const lines = ['How many legs have two cats?', 'How old is he?', 'Where is the third one?'].map((question, i) =>
    JSON.stringify({question, answer: `It is ${i}.\n#### ${i}`}),
  );
  writeFileSync(join(folder, 'problems.jsonl'), lines.join('\n'));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

it('tunes, writes a delta, and proves that it can be loaded and taken back, on any model', {
  timeout: 240_000,
}, async () => {
  const problems = join(folder, 'problems.jsonl');
  const {stdout} = await run(
    ...['--model', model, '--train', problems, '--test', problems, '--backend', 'wasm'],
    ...['--steps', '4', '--held-out', '2', '--out', folder],
  );
  expect(stdout).toContain('step 4/4: loss ');
  expect(stdout).toContain('loaded anew with the delta, it says the same bit for bit: yes');
  expect(stdout).toContain("with the delta taken back, every weight is the seed's: yes");
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
  expect(report.losses).toHaveLength(4);
  expect(report.after.loss).toBeLessThan(report.before.loss);
  expect(report.answers.after).toHaveLength(2);
  const {changed} = describeDelta(readDelta(readFileSync(join(folder, 'delta.safetensors'))));
  expect(changed).toBe(Math.round(report.parameters * 0.001));
});

it('names an option that is wrong', async () => {
  await expect(run('--density', '2')).rejects.toThrow('Expected a number above 0 and up to 1.');
  await expect(run('--backend', 'abacus')).rejects.toThrow('Allowed choices are tensorflow, wasm, webgpu.');
});

it('takes the result from an answer’s last line, in that form alone', () => {
  expect(resultOf(' 1 + 2 = 3\n#### 3')).toBe(3);
  expect(resultOf('#### -1,234.5\n')).toBe(-1234.5);
  for (const answer of ['', '3', '#### 3 cats', '#### 3\nso it is', '####3', '#### 1.2.3'])
    expect(resultOf(answer)).toBeUndefined();
});

it('README shows the committed run', () => {
  const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
  const {before, after, deltaBytes, tuningSeconds, proofs} = JSON.parse(read('results/demo.json'));
  const readme = read('README.md');
  const row = ({loss, format, right}: {loss: number; format: number; right: number}) =>
    `${loss.toFixed(3)} | ${(100 * format).toFixed(0)} % | ${(100 * right).toFixed(0)} % |`;
  expect(readme).toContain(`| before | ${row(before)}\n| after | ${row(after)}\n`);
  expect(readme).toContain(`a file of ${deltaBytes.toLocaleString('en')} bytes`);
  expect(readme).toContain(`${tuningSeconds.toFixed(0)} s of tuning`);
  expect(proofs).toEqual({reloadBitExact: true, revertBitExact: true});
});
