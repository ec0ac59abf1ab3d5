import {execFile} from 'node:child_process';
import {copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {describeDelta, readDelta} from '@subset-tuning/deltas';
import {afterAll, beforeAll, expect, it} from 'vitest';

// The command itself, as it is built: `npm test` builds first.
const demo = fileURLToPath(new URL('../dist/demo.js', import.meta.url));
const run = (...args: string[]) => promisify(execFile)(process.execPath, [demo, ...args]);
const encoder = (name: string) => new URL(`../../../packages/models/golden/encoders/${name}`, import.meta.url);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'question-answering-'));
  copyFileSync(encoder('bert/config.json'), join(folder, 'config.json'));
  copyFileSync(encoder('tokenizer.json'), join(folder, 'tokenizer.json'));
  copyFileSync(encoder('bert/backbone.safetensors'), join(folder, 'model.safetensors'));
  const places = ['mat', 'house', 'red mat', 'big house'];
  const paragraphs = ['cat', 'dog', 'big cat', 'small dog', 'red cat', 'red dog'].flatMap((who) =>
    places.map((where, i) => {
      // Neither end of a text is always right.
      const context = i % 2 ? `on the ${where} sat the ${who}.` : `the ${who} sat on the ${where}.`;
      const answers = [{text: where, answer_start: context.lastIndexOf(where)}];
      return {context, qas: [{id: context, question: 'where is it?', answers}]};
    }),
  );
  writeFileSync(join(folder, 'xquad.en.json'), JSON.stringify({version: '1.1', data: [{title: 'a', paragraphs}]}));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

it.each(['subset', 'full'])('learns to answer about other paragraphs, and proves its delta: %s', async (method) => {
  const out = join(folder, method);
  const {stdout} = await run(
    ...['--model', folder, '--data', folder, '--backend', 'wasm', '--out', out, '--method', method, '--density', '0.3'],
    ...['--steps', '80', '--tokens', '128', '--window', '20', '--learning-rate', '0.02', '--held-out', '0.25'],
  );
  expect(stdout).toContain('18 questions to learn from, 6 about other paragraphs');
  expect(stdout).toContain('loaded anew with the delta, it is the tuned model bit for bit: yes');
  expect(stdout).toContain("with the delta taken back, every weight is the seed's: yes");
  const read = (name: string) => JSON.parse(readFileSync(join(out, name), 'utf8'));
  const {scores, losses, parameters, changedParameters} = read('report.json');
  expect(losses).toHaveLength(80);
  expect(readFileSync(join(out, 'curve.jsonl'), 'utf8').trim().split('\n')).toHaveLength(80);
  expect(scores.after.f1).toBeGreaterThan(Math.max(scores.before.f1, scores.chance.f1) + 20);
  const {changed} = describeDelta(readDelta(readFileSync(join(out, 'delta.safetensors'))));
  expect(changed).toBe(changedParameters);
  if (method === 'subset') expect(changed).toBe(Math.round(parameters * 0.3));
  // What SQuAD's own script is given.
  const questions = read('held-out.json').data.flatMap(({paragraphs}: {paragraphs: {qas: {id: string}[]}[]}) =>
    paragraphs.flatMap(({qas}) => qas.map(({id}) => id)),
  );
  expect(Object.keys(read('answers.json')).sort()).toEqual(questions.sort());
});

it('names an option that is wrong', async () => {
  await expect(run('--held-out', '2')).rejects.toThrow('Expected a number above 0 and up to 1.');
  await expect(run('--method', 'none')).rejects.toThrow('Allowed choices are subset, full.');
});
