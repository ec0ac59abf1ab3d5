import {expect, test} from 'vitest';
import {findDocstringSnippets, findReadmeSnippets} from './find-snippets.js';

test('finds the ts blocks of a README with their lines', () => {
  const text = ['# Title', '```ts', 'const a = 1;', '```', '```sh', '```', '', '```ts no-run', 'b();', 'c();', '```'];
  expect(findReadmeSnippets('README.md', text.join('\n'))).toEqual([
    {file: 'README.md', line: 3, code: 'const a = 1;', runs: true},
    {file: 'README.md', line: 9, code: 'b();\nc();', runs: false},
  ]);
});

test('finds the examples of docstrings, and no other block of theirs', () => {
  const source = [
    '/**',
    ' * Adds.',
    ' * ```ts',
    ' * not an example',
    ' * ```',
    ' * @example',
    ' * ```ts',
    ' * add(1,',
    ' *   2);',
    ' * ```',
    ' * @throws never',
    ' */',
    'export function add() {}',
  ];
  expect(findDocstringSnippets('add.ts', source.join('\n'))).toEqual([
    {file: 'add.ts', line: 8, code: 'add(1,\n  2);', runs: true},
  ]);
});

test('takes an example without a fence as code', () => {
  expect(findDocstringSnippets('add.ts', '\n/**\n * @example\n * add(1, 2)\n */')).toEqual([
    {file: 'add.ts', line: 3, code: '\nadd(1, 2)', runs: true},
  ]);
});

test('refuses a block that never closes', () => {
  expect(() => findReadmeSnippets('README.md', '```ts\na();')).toThrow('README.md:1: a block that never closes');
});
