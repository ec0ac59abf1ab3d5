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
/** How each package manager installs what `npm install` is written for. */
const managers = {npm: 'npm install', pnpm: 'pnpm add'};

// In an empty folder: the README's own install lines as they stand, then its blocks of TypeScript, one after the other.
describe.each(readmes)('%s', (file) => {
  test.concurrent.each(Object.entries(managers))('%s', async (manager, install) => {
    const folder = join(inject('folder'), manager, file.replaceAll('/', '-'));
    mkdirSync(folder, {recursive: true});
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
    writeFileSync(join(folder, '.npmrc'), `@subset-tuning:registry=${inject('registry')}\n`);

    const text = readFileSync(join(root, file), 'utf8');
    const installs = findInstalls(text);
    expect(installs, 'lines that install').not.toEqual([]);
    const path = [join(inject('tools'), 'node_modules/.bin')];
    // As pnpm does by default: the one script that would run is tfjs-node's, which downloads from a host that many machines
    // do not reach.
    const env = {npm_config_ignore_scripts: 'true'};
    for (const line of installs) await runCommand(line.replace('npm install', install), {cwd: folder, path, env});

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
  });
});
