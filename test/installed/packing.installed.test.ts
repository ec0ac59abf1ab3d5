import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {beforeAll, describe, expect, inject, test} from 'vitest';
import {publishedPackages} from './published-packages.js';
import {runCommand} from './run-command.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A clone of the repository as it is now, uncommitted changes included; nothing is installed or built in it. */
const clone = join(inject('folder'), 'clone');
const path = [join(root, 'node_modules/.bin')];
const filesIn = (tarball: string) => execFileSync('tar', ['-tzf', tarball], {encoding: 'utf8'}).split('\n');

beforeAll(async () => {
  mkdirSync(clone);
  await runCommand(`git ls-files -co --exclude-standard | tar -cT- --ignore-failed-read | tar -xC ${clone}`, {
    cwd: root,
  });
  await runCommand('git init -q && git add -A && git -c user.name=test -c user.email=test commit -qm all', {
    cwd: clone,
  });
});

describe('packing', () => {
  test.each(publishedPackages)('$name', ({name}) => {
    const {version} = JSON.parse(
      readFileSync(join(root, 'packages', name.replace(/.*\//, ''), 'package.json'), 'utf8'),
    );
    const files = filesIn(join(inject('tarballs'), `${name.replace('@', '').replace('/', '-')}-${version}.tgz`));
    expect(files).toEqual(expect.arrayContaining(['package/LICENSE', 'package/README.md', 'package/dist/index.js']));
    expect(files.filter((file) => /test|\.tsbuildinfo$|^package\/src/.test(file))).toEqual([]);
  });
});

// One after the other, in the clone.
describe('releasing', () => {
  test('version-packages leaves the lock file true', async () => {
    const state = () => runCommand('git status --porcelain && git diff', {cwd: clone});
    await runCommand('npm run version-packages', {cwd: clone, path});
    const once = await state();
    await runCommand('npm ci --ignore-scripts', {cwd: clone});
    await runCommand('npm install --ignore-scripts', {cwd: clone});
    await runCommand('npm run version-packages', {cwd: clone});
    expect(await state()).toBe(once);
    for (const {folder} of publishedPackages)
      expect(existsSync(join(clone, folder, 'CHANGELOG.md')), folder).toBe(true);
    await runCommand('npx biome check packages/*/package.json', {cwd: clone});
  });

  test('a package that is not built is built before it is packed', async () => {
    const folder = join(clone, 'packages/safetensors');
    expect(existsSync(join(folder, 'dist'))).toBe(false);
    const output = await runCommand('npm pack --json 2>/dev/null', {cwd: folder});
    const [{filename, version}] = JSON.parse(output);
    expect(version).not.toBe('0.0.0');
    expect(filesIn(join(folder, filename))).toEqual(
      expect.arrayContaining(['package/LICENSE', 'package/CHANGELOG.md', 'package/dist/index.js']),
    );
  });

  test('a package that cannot be built is not packed', async () => {
    const folder = join(clone, 'packages/safetensors');
    await runCommand('echo "export const broken: string = 1;" >> src/index.ts', {cwd: folder});
    await expect(runCommand('npm pack', {cwd: folder})).rejects.toThrow('TS2322');
  });
});
