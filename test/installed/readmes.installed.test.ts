import {execFile} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {describe, expect, inject, test} from 'vitest';
import {compileSnippets} from '../snippets/compile-snippets.js';
import {findReadmeSnippets} from '../snippets/find-snippets.js';
import {findInstalls} from './find-installs.js';
import {publishedPackages} from './published-packages.js';
import {runCommand} from './run-command.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readmes = ['README.md', ...publishedPackages.map(({folder}) => `${folder}/README.md`)];

/**
 * Follows a README in an empty folder: its install lines, `edit`ed for another package manager, then its blocks of
 * TypeScript, one after the other.
 */
async function follow(file: string, way: string, edit: (line: string) => string): Promise<void> {
  const folder = join(inject('folder'), way, file.replaceAll('/', '-'));
  mkdirSync(folder, {recursive: true});
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  if (way !== 'tarballs') writeFileSync(join(folder, '.npmrc'), `@subset-tuning:registry=${inject('registry')}\n`);

  const text = readFileSync(join(root, file), 'utf8');
  const installs = findInstalls(text);
  expect(installs, 'lines that install').not.toEqual([]);
  const path = [join(inject('tools'), 'node_modules/.bin')];
  // As pnpm does by default: the one script that would run is tfjs-node's, which downloads from a host that many machines
  // do not reach.
  const env = {npm_config_ignore_scripts: 'true'};
  for (const line of installs) await runCommand(edit(line), {cwd: folder, path, env});

  const snippets = findReadmeSnippets(file, text);
  expect(
    snippets.filter(({runs}) => runs),
    'blocks that run',
  ).not.toEqual([]);
  const compiled = compileSnippets(snippets, folder, {typeRoots: [join(root, 'node_modules/@types')]});
  for (const snippet of snippets) {
    const {module, errors} = compiled(snippet);
    expect(errors.join('\n')).toBe('');
    if (snippet.runs) await promisify(execFile)(process.execPath, ['--enable-source-maps', module], {cwd: folder});
  }
}

describe.each(readmes)('%s', (file) => {
  test.concurrent('npm', () => follow(file, 'npm', (line) => line));
  test.concurrent('pnpm', () => follow(file, 'pnpm', (line) => line.replace(/^npm install/, 'pnpm add')));
});

describe('README.md, from the tarballs of npm run pack', () => {
  test('npm', () =>
    follow('README.md', 'tarballs', (line) =>
      line.replace(/@subset-tuning\/\S+/, join(inject('tarballs'), '*.tgz')).replaceAll(/@subset-tuning\/\S+/g, ''),
    ));
});
