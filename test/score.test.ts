import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const command = fileURLToPath(new URL('../packages/tasks/dist/command/main.js', import.meta.url));
const texts = 'packages/tasks/fixtures/score';

test('npm run score scores and compares, and fails where a file is missing', async () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [command, ...args], {cwd: root, env: {...process.env, INIT_CWD: root}});
  const given = ['--metric', 'bleu', '--predictions', `${texts}/before.txt`, '--references', `${texts}/references.txt`];
  const {stdout} = await run(...given, '--compare', `${texts}/after.txt`, '--json');
  expect(JSON.parse(stdout)).toMatchObject({name: 'BLEU', rows: 3, comparison: {file: `${texts}/after.txt`}});
  await expect(run(...given, '--compare', 'none.txt')).rejects.toMatchObject({code: 1, stderr: /^none.txt: ENOENT/});
});

test('npm run score takes files from where the user is', async () => {
  const given = ['--metric', 'bleu', '--predictions', '../packages/tasks/fixtures/score/before.txt'];
  const references = ['--references', '../packages/tasks/fixtures/score/references.txt'];
  const run = ['run', '-s', 'score', '--', ...given, ...references, '--json'];
  // npm names that folder itself, where it is not told by the npm that runs the tests.
  const {INIT_CWD: _, ...env} = process.env;
  const {stdout} = await promisify(execFile)('npm', run, {cwd: new URL('../docs', import.meta.url), env});
  expect(JSON.parse(stdout)).toMatchObject({name: 'BLEU', rows: 3});
});
