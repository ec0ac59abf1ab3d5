import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {brotliDecompressSync} from 'node:zlib';
import {describe, expect, it} from 'vitest';
import {createTokenizer} from '../tokenizer.js';
import {readNormalizer} from './normalizer.js';

// What Python's tokenizers make of texts by SentencePiece's charsmaps: see golden/make-t5-tokenizer.py.

const folder = new URL('../../golden/t5/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const golden: {
  size: number;
  texts: string[];
  ids: number[][];
  decoded: string[];
  /** The ids by all of `nmt_nfkc`. */
  wholeIds: number[][];
  shapes: string[];
  points: [first: number, last: number][];
  sha256: string[];
} = read('tokenizer-golden.json');
const json = read('tokenizer.json');
const whole = brotliDecompressSync(readFileSync(new URL('nmt-nfkc.br', folder)));
const normalizer = (precompiled_charsmap: unknown) => ({type: 'Precompiled', precompiled_charsmap});

describe('texts of the Python library', () => {
  it('by a charsmap of some rules', () => {
    const tokenizer = createTokenizer(json, golden.size);
    for (const [i, text] of golden.texts.entries()) {
      expect([text, ...tokenizer.encode(text)]).toEqual([text, ...golden.ids[i]]);
      expect([text, tokenizer.decode(golden.ids[i])]).toEqual([text, golden.decoded[i]]);
    }
  });

  it('by all of nmt_nfkc', () => {
    const tokenizer = createTokenizer({...json, normalizer: normalizer(whole.toString('base64'))}, golden.size);
    for (const [i, text] of golden.texts.entries()) {
      expect([text, ...tokenizer.encode(text)]).toEqual([text, ...golden.wholeIds[i]]);
    }
  });

  it('each character that nmt_nfkc changes, and each mark, alone and beside others', () => {
    const normalize = normalizing(normalizer(whole.toString('base64')));
    const points = golden.points.flatMap(([first, last]) =>
      Array.from({length: last - first + 1}, (_, i) => first + i),
    );
    for (const [i, shape] of golden.shapes.entries()) {
      const lines = points.map((point) => normalize(shape.replace('{}', () => String.fromCodePoint(point))));
      expect([shape, createHash('sha256').update(lines.join('\n')).digest('hex')]).toEqual([shape, golden.sha256[i]]);
    }
  });
});

function normalizing(json: unknown): (text: string) => string {
  const {normalize} = readNormalizer('n', json);
  return (text) => normalize({text}).text;
}

describe('a charsmap from anyone', () => {
  const bytes = Buffer.from(json.normalizer.precompiled_charsmap, 'base64');
  const units = bytes.readUInt32LE(0) / 4;

  /** A charsmap of these units of a trie and these replacements. */
  const made = (trie: number[], replacements: string | Buffer = 'x\0') => {
    const head = Buffer.alloc(4 + 4 * trie.length);
    head.writeUInt32LE(4 * trie.length, 0);
    for (const [at, unit] of trie.entries()) head.writeUInt32LE(unit >>> 0, 4 + 4 * at);
    return Buffer.concat([head, Buffer.from(replacements)]).toString('base64');
  };
  const offset = (by: number) => by << 10;
  const HAS_VALUE = 0x100;

  /** A trie in which the byte `byte` leads to a key's end, whose value is `value` and lies at `place`. */
  const oneKey = (byte: number, value: number, place = 768) => {
    const trie = new Array<number>(1024).fill(0);
    trie[0] = offset(512);
    trie[512 ^ byte] = byte | HAS_VALUE | offset(512 ^ byte ^ place);
    trie[768] = value | 0x8000_0000;
    return trie;
  };

  it('replaces by what it says', () => {
    const normalize = normalizing(normalizer(made(oneKey(97, 0), 'the\0')));
    expect(normalize('banana')).toBe('bthenthenthe');
    const removing = readNormalizer('n', normalizer(made(oneKey(97, 3), 'the\0')));
    expect(removing.normalize({text: 'banana'}).text).toBe('bnn');
    expect(removing.movesStart).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ['that is no text', 5, 'precompiled_charsmap is 5, expected one of SentencePiece'],
    ['that is no base64', '!', 'precompiled_charsmap is "!", expected one of SentencePiece'],
    ['that is nothing', '', 'precompiled_charsmap has 0 bytes'],
    ['of megabytes', 'A'.repeat(6_000_000), 'precompiled_charsmap is "A'],
    ['without a trie', Buffer.alloc(8).toString('base64'), 'has a trie of 0 of its 8 bytes'],
    ['that is cut', bytes.subarray(0, 1000).toString('base64'), `has a trie of ${4 * units} of its 1000 bytes`],
    ['of 4 GB', Buffer.from([0xfc, 0xff, 0xff, 0xff]).toString('base64'), 'has a trie of 4294967292 of its 4 bytes'],
    ['of odd units', Buffer.from([3, 0, 0, 0, 1, 1, 1]).toString('base64'), 'has a trie of 3 of its 7 bytes'],
    ['that replaces by what is not there', made(oneKey(97, 2)), 'replaces by what begins at 2 of 2 bytes'],
    ['whose last replacement has no end', made(oneKey(97, 0), 'x'), 'replaces by what begins at 0 of 1 bytes'],
    [
      'of replacements that are no UTF-8',
      made(oneKey(97, 0), Buffer.from([0xff, 0])),
      'a replacement that is no UTF-8',
    ],
    ['of keys that are no UTF-8', made(oneKey(0xff, 0)), 'replaces what is no UTF-8'],
    ['that leads out of itself', made(oneKey(97, 0, 2 ** 19)), 'has a trie that leads out of itself'],
    [
      'that grows',
      made(oneKey(97, 0), `${'x'.repeat(100)}\0`),
      'may make a text 100 times as long, expected at most 64',
    ],
  ])('is refused where it is one %s', (_, charsmap, message) => {
    let error: unknown;
    try {
      readNormalizer('tokenizer.json: normalizer', normalizer(charsmap));
    } catch (thrown) {
      error = thrown;
    }
    expect(String(error)).toContain(message);
    expect(String(error)).toMatch(/^Error: tokenizer\.json: normalizer/);
    expect(String(error).length).toBeLessThan(300);
  });

  it('is given up where its trie turns in circles', () => {
    // Every unit is the child by its own number, and all units are its children again.
    const trie = Array.from({length: 256}, (_, at) => at | offset(at));
    expect(() => readNormalizer('n', normalizer(made(trie)))).toThrow('has more than 1048576 places');
  });
});
