import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import type {TracedEncoding} from '../src/tokenizer/encoding.js';
import type {Tokenizer} from '../src/tokenizer.js';
import {golden as textsGolden} from './texts-fixture.js';

// Where tokens stand by transformers: see make-offsets.py.

interface Windows {
  maxTokens: number;
  stride: number;
  ids: number[][];
  offsets: [number, number][][];
  sequenceIds: (0 | 1 | null)[][];
}
interface Golden {
  /** Of each tokenizer of tokenizers.json six digits a text. */
  fixtures: Record<string, string>;
  texts: Record<string, Record<string, string>>;
  question: string;
  windows: Record<string, Windows[]>;
}
export const offsetsGolden: Golden = JSON.parse(readFileSync(new URL('offsets.json', import.meta.url), 'utf8'));

/** Places in characters, as Python counts them. */
export function inCharacters({offsets}: Pick<TracedEncoding, 'offsets'>, text: string): [number, number][] {
  const counts: number[] = [];
  let count = 0;
  for (const character of text) {
    for (let unit = 0; unit < character.length; unit++) counts.push(count);
    count++;
  }
  counts.push(count);
  return offsets.map(([start, end]) => [counts[start], counts[end]]);
}

export function digestOf(places: readonly (readonly [number, number])[], digits: number): string {
  return createHash('sha256').update(said(places)).digest('hex').slice(0, digits);
}

function said(places: readonly (readonly [number, number])[]): string {
  return places.map((place) => place.join()).join(' ');
}

/** The lines of which a token stands elsewhere than in transformers, as the first and last of each chunk. */
export function displaced(tokenizer: Tokenizer, lines: readonly string[], digests: string): string[] {
  const {chunk} = textsGolden;
  const found: string[] = [];
  for (let start = 0; start < lines.length; start += chunk) {
    const hash = createHash('sha256');
    for (const line of lines.slice(start, start + chunk)) {
      hash.update(`${said(inCharacters(tokenizer.encodeWithOffsets(line), line))}\n`);
    }
    const at = (start / chunk) * 12;
    if (hash.digest('hex').slice(0, 12) !== digests.slice(at, at + 12)) {
      found.push(`lines ${start} to ${Math.min(start + chunk, lines.length) - 1}`);
    }
  }
  return digests.length === Math.ceil(lines.length / chunk) * 12 ? found : ['another number of lines'];
}
