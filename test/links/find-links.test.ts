import {expect, test} from 'vitest';
import {findAnchors, findLinks} from './find-links.js';

test('finds links and images with their lines, and none in code', () => {
  const text = ['[a](b.md) ![c](d.png), [`e`](f#g)', '```md', '[h](i.md)', '```', '`[j](k.md)` [l](m.md)'];
  expect(findLinks(text.join('\n'))).toEqual([
    {line: 1, target: 'b.md'},
    {line: 1, target: 'd.png'},
    {line: 1, target: 'f#g'},
    {line: 5, target: 'm.md'},
  ]);
});

test('names headings as GitHub does', () => {
  const text = ['# @subset-tuning/kernels', '```sh', '# a comment', '```', '## What `register()` does', '### A_b – c'];
  expect(findAnchors(text.join('\n'))).toEqual(['subset-tuningkernels', 'what-register-does', 'a_b--c']);
});
