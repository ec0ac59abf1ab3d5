import {execFile} from 'node:child_process';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {someCases} from './scale.js';
import {compileSnippets} from './snippets/compile-snippets.js';
import {findDocstringSnippets, findReadmeSnippets} from './snippets/find-snippets.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const foldersIn = (parent: string) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
const packages = foldersIn('packages');
const readmes = ['README.md', ...packages.map((folder) => `${folder}/README.md`)];
const exampleReadmes = foldersIn('examples').map((folder) => `${folder}/README.md`);
const sources = packages.flatMap((folder) =>
  readdirSync(join(root, folder, 'src'), {recursive: true, encoding: 'utf8'})
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => `${folder}/src/${path}`),
);

const read = (file: string) => readFileSync(join(root, file), 'utf8');
const pages = packages
  .map((folder) => `${folder}/docs`)
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap(foldersIn);
const readmeSnippets = [...readmes, ...exampleReadmes, ...pages]
  .filter((file) => existsSync(join(root, file)))
  .flatMap((file) => findReadmeSnippets(file, read(file)));
const docstringSnippets = sources.flatMap((file) => findDocstringSnippets(file, read(file)));
const snippets = [...readmeSnippets, ...someCases(docstringSnippets, 0.05)];

let compiled: ReturnType<typeof compileSnippets>;
/** Where they lie: inside the repository, so that imports resolve as they do for a user who has installed the packages. */
let modules: string;
/** The folder that snippets run in: they may write files there, and find none, as after an installation. */
let folder: string;

beforeAll(() => {
  modules = mkdtempSync(join(root, 'test/.tmp-'));
  compiled = compileSnippets(snippets, modules);
  folder = mkdtempSync(join(tmpdir(), 'subset-tuning-'));
});

afterAll(() => {
  for (const made of [modules, folder]) rmSync(made, {recursive: true, force: true});
});

test.each(readmes)('%s has an example that runs', (file) => {
  expect(readmeSnippets.filter((snippet) => snippet.file === file && snippet.runs)).not.toEqual([]);
});

test.concurrent.each(snippets.map((snippet) => [`${snippet.file}:${snippet.line}`, snippet] as const))(
  '%s',
  async (_, snippet) => {
    const {module, errors} = compiled(snippet);
    expect(errors.join('\n')).toBe('');
    if (snippet.runs) await promisify(execFile)(process.execPath, ['--enable-source-maps', module], {cwd: folder});
  },
);

test('the example of README.md teaches a model what it was not told, and takes it back', async () => {
  const example = readmeSnippets.find((snippet) => snippet.file === 'README.md' && snippet.runs);
  if (!example) throw new Error('README.md has no example');
  const {stdout} = await promisify(execFile)(process.execPath, [compiled(example).module], {cwd: folder});
  const said = [...stdout.matchAll(/\[([^\]]*)\]/g)].map(([, list = '']) =>
    [...list.matchAll(/'([^']*)'/g)].map(([, text]) => text),
  );
  const [before, tuned, after] = said;
  expect(before).toEqual(['Bist du müde?', 'Was machst du?', 'Wo arbeitet ihr?', 'Tom schläft.']);
  expect(after).toEqual(before);
  expect(tuned?.slice(0, 2)).toEqual(['Sind Sie müde?', 'Was machen Sie?']);
  expect(tuned?.[2]).toContain('Sie');
  expect(tuned?.[3]).toBe('Tom schläft.');
});
