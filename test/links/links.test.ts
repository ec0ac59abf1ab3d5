import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {findAnchors, findLinks} from './find-links.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const repository = 'https://github.com/subset-tuning/subset-tuning';
const under = (parent: string) => readdirSync(join(root, parent)).map((name) => join(parent, name));
const packages = under('packages').flatMap((folder) => [folder, join(folder, 'docs')]);
/** The Markdown files that people read, from the root. */
const files = ['.', '.github', 'bench', 'docs', ...packages, ...under('examples')]
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((file) => file.endsWith('.md'));

/** Whether a path from the root is there and, with an anchor, a Markdown text with that heading. */
function isThere(path: string, anchor: string | undefined): boolean {
  const full = join(root, path);
  if (!existsSync(full)) return false;
  if (anchor === undefined) return true;
  const text = statSync(full).isDirectory() ? join(full, 'README.md') : full;
  return existsSync(text) && findAnchors(readFileSync(text, 'utf8')).includes(anchor);
}

/** What npm would pack of a package, as paths from the root. */
function packedFiles(folder: string): string[] {
  const pack = ['pack', '--dry-run', '--json', '--ignore-scripts', `--workspace=${folder}`];
  const [{files}] = JSON.parse(execFileSync('npm', pack, {cwd: root, encoding: 'utf8'}));
  return files.map(({path}: {path: string}) => join(folder, path));
}

/** What is wrong with a link; undefined where it leads somewhere. */
function problem(file: string, target: string): string | undefined {
  const [address = '', anchor] = target.split('#');
  if (address === repository || address.startsWith(`${repository}/`)) {
    const path = address.slice(repository.length + 1);
    const [kind = '', branch, ...parts] = path.split('/');
    // Pages that GitHub makes are not files.
    if (kind !== '' && kind !== 'blob' && kind !== 'tree') return undefined;
    if (kind !== '' && branch !== 'main') return `names the branch ${branch}, expected main`;
    const named = parts.join('/');
    if (!isThere(named, anchor)) return 'names nothing that is in the repository';
    const expected = statSync(join(root, named)).isDirectory() ? 'tree' : 'blob';
    return kind === '' || kind === expected ? undefined : `is a ${kind}, expected a ${expected}`;
  }
  if (/^[a-z]+:/.test(address)) return undefined;
  const path = address === '' ? file : join(dirname(file), address);
  if (!isThere(path, anchor)) return 'names nothing that is there';
  const [folder] = /^packages\/[^/]+/.exec(file) ?? [];
  if (folder === undefined || address === '') return undefined;
  return packedFiles(folder).includes(path) ? undefined : 'names nothing that is in the tarball';
}

describe.each(files)('links of %s', (file) => {
  test('lead somewhere, in a package from its tarball too', () => {
    const problems = findLinks(readFileSync(join(root, file), 'utf8')).flatMap(({line, target}) => {
      const found = problem(file, target);
      return found === undefined ? [] : [`${file}:${line}: ${target} ${found}`];
    });
    expect(problems).toEqual([]);
  });
});

test.each([
  ['packages/kernels/README.md', '../../examples/custom-kernel', 'names nothing that is in the tarball'],
  ['packages/kernels/README.md', 'src/contract.ts', 'names nothing that is in the tarball'],
  ['packages/kernels/README.md', 'package.json', undefined],
  ['README.md', 'packages/kernels#no-such-heading', 'names nothing that is there'],
  ['README.md', `${repository}/tree/main/LICENSE`, 'is a tree, expected a blob'],
  ['README.md', `${repository}/blob/main/no-such-file`, 'names nothing that is in the repository'],
])('in %s the link %s', (file, target, expected) => {
  expect(problem(file, target)).toBe(expected);
});
