import {expect, it} from 'vitest';
import {splitWords, trimEnd} from './white-space.js';

it('trims what Python trims at the end, and nothing else', () => {
  for (const space of [' ', '\t', '\n', '\r', '\u000b', '\u001c', '\u001f', '\u0085', '\u00a0', '\u2003', '\u3000']) {
    expect(trimEnd(` a b${space}${space}`)).toBe(' a b');
    expect(splitWords(`a${space}b`)).toEqual(['a', 'b']);
  }
  for (const text of ['', 'a', ' a', 'a\u200b', 'a\ufeff', 'a 😀']) expect(trimEnd(text)).toBe(text);
  expect(trimEnd(' \n')).toBe('');
});

it('trims a long text with spaces inside', () => {
  // A minute's work where it grew with the square.
  const text = `a${' '.repeat(500_000)}b`;
  expect(trimEnd(`${text} `)).toBe(text);
});
