import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import ts from 'typescript';
import {beforeAll, describe, expect, inject, test} from 'vitest';
import {entriesForPages, publishedPackages} from './published-packages.js';
import {runCommand} from './run-command.js';

const {Bundler, Node10} = ts.ModuleResolutionKind;
const {CommonJS, ESNext, Node16, Node20, NodeNext} = ts.ModuleKind;

const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8').replaceAll(/\s+/g, ' ');
const entries = publishedPackages.flatMap(({entries}) => entries);
const folder = join(inject('folder'), 'types');

/** A module that imports all of some packages. */
function importing(entries: readonly string[]): string {
  const imports = entries.map((entry, i) => `import * as part${i} from '${entry}';\n`);
  return `${imports.join('')}export const parts = [${entries.map((_, i) => `part${i}`).join(', ')}];\n`;
}

beforeAll(async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, '.npmrc'), `@subset-tuning:registry=${inject('registry')}\n`);
  for (const file of ['module.mts', 'common.cts']) writeFileSync(join(folder, file), importing(entries));
  writeFileSync(join(folder, 'page.mts'), importing(entriesForPages));
  const names = publishedPackages.map(({name}) => name);
  await runCommand(`npm install --ignore-scripts ${names.join(' ')} @types/node@20`, {cwd: folder});
});

/**
 * What the type checker says of a file, strictly, and of the types of our packages that it imports. Those of tfjs 4.22 do
 * not pass TypeScript 6: they name the types of a package that none installs, and `@webgpu/types` declares again what
 * TypeScript's own library has.
 */
function check(file: string, options: ts.CompilerOptions): string[] {
  const program = ts.createProgram([join(folder, file)], {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    types: ['node'],
    typeRoots: [join(folder, 'node_modules/@types')],
    ...options,
  });
  const isOurs = (path: string) => path.startsWith(folder) && !/node_modules\/(?!@subset-tuning\/)/.test(path);
  return [...program.getOptionsDiagnostics(), ...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics()]
    .filter(({file}) => !file || isOurs(file.fileName))
    .map(({messageText}) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('types', () => {
  test.each([
    ['node16', {module: Node16}],
    ['nodenext', {module: NodeNext}],
    ['bundler', {module: ESNext, moduleResolution: Bundler}],
  ])('%s', (_, options) => {
    expect(check('module.mts', options)).toEqual([]);
  });

  test("a page, without Node's", () => {
    expect(check('page.mts', {module: ESNext, moduleResolution: Bundler, types: []})).toEqual([]);
  });

  test.each([
    ['node20', {module: Node20}],
    ['nodenext', {module: NodeNext}],
  ])('CommonJS %s', (_, options) => {
    expect(check('common.cts', options)).toEqual([]);
  });

  // What does not work says so in the words that README.md quotes.
  test.each([
    [
      'node10',
      {module: CommonJS, moduleResolution: Node10, ignoreDeprecations: '6.0'},
      "Cannot find module '@subset-tuning/…' or its corresponding type declarations",
    ],
    ['node16', {module: Node16}, "The current file is a CommonJS module whose imports will produce 'require' calls"],
  ])('CommonJS %s is refused', (_, options, words) => {
    expect(readme).toContain(words);
    const [start = ''] = words.split('…');
    const messages = check('common.cts', options);
    for (const name of entries) expect(messages).toContainEqual(expect.stringMatching(name));
    for (const message of messages) expect(message).toContain(start);
  });
});
