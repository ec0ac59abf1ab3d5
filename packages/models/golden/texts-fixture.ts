import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import type {Tokenizer} from '../src/index.js';

// Texts in many scripts, and what transformers makes of them by each kind of tokenizer: see make-texts.py.

const read = (name: string) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));

interface Golden {
  chunk: number;
  /** Of each tokenizer and file, 12 digits of the SHA-256 of each chunk of lines. */
  tokenizers: Record<string, Record<string, string>>;
}
export const golden: Golden = read('texts/golden.json');

/** Lines to hold a tokenizer to. */
export const LINES = 2000;

export const scripts: string[] = read('texts/scripts.json');

const SEPARATORS = [' ', ' ', ' ', '', '', '  ', '\n', '\t', '\u00a0', '\u200d', '\u0301', '.'];

/** Texts drawn of the words of lines, the same as in Python. */
export function drawTexts(lines: readonly string[], count: number): string[] {
  const words = lines.flatMap((line) => line.split(' ').filter((word) => word !== ''));
  let state = 1;
  const draw = (end: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % end;
  };
  return Array.from({length: count}, () => {
    let text = '';
    for (let left = 1 + draw(8); left > 0; left--) text += words[draw(words.length)] + SEPARATORS[draw(SEPARATORS.length)];
    return text;
  });
}

/** The lines of which ids or decoded texts are other than transformers', as the first and last of each chunk. */
export function differences(tokenizer: Tokenizer, lines: readonly string[], digests: string): string[] {
  const {chunk} = golden;
  const found: string[] = [];
  for (let start = 0; start < lines.length; start += chunk) {
    const hash = createHash('sha256');
    for (const line of lines.slice(start, start + chunk)) {
      const ids = tokenizer.encode(line);
      const texts = [true, false].map((skipSpecialTokens) => tokenizer.decode(ids, {skipSpecialTokens}));
      hash.update(`${[ids.join(), ...texts].join('\n')}\n`);
    }
    const at = (start / chunk) * 12;
    if (hash.digest('hex').slice(0, 12) !== digests.slice(at, at + 12)) {
      found.push(`lines ${start} to ${Math.min(start + chunk, lines.length) - 1}`);
    }
  }
  return digests.length === Math.ceil(lines.length / chunk) * 12 ? found : ['another number of lines'];
}
