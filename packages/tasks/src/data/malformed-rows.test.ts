import {readFileSync} from 'node:fs';
import {uniformInt} from 'pure-rand/distribution/uniformInt';
import {xoroshiro128plus} from 'pure-rand/generator/xoroshiro128plus';
import type {RandomGenerator} from 'pure-rand/types/RandomGenerator';
import {describe, expect, it} from 'vitest';
import {type DataSet, loadSplit} from './data-set.js';
import {gsm8k} from './gsm8k.js';
import {parallelPairs, tabSeparatedPairs} from './pairs.js';
import {squad2} from './squad.js';
import {superGlue} from './super-glue.js';
import {wmtPairs} from './wmt.js';

const ROWS = 1000;
const fixture = (name: string) => readFileSync(new URL(`../../fixtures/data/${name}`, import.meta.url));
const encoder = new TextEncoder();

type Random = (below: number) => number;
type Json = null | boolean | number | string | Json[] | {[name: string]: Json};

function random(generator: RandomGenerator): Random {
  return (below) => uniformInt(generator, 0, below - 1);
}

const VALUES = (): Json[] => [
  ...[
    null,
    true,
    false,
    0,
    1,
    2,
    -1,
    0.5,
    1e308,
    2 ** 53,
    4294967296,
    '',
    ' ',
    '0',
    'x'.repeat(5000),
    '\u0000',
    '\ud800',
  ],
  ...[[], {}, [[]], [null], {text: 1}, {__proto__: null}, [{}, {}]],
];
const TEXTS = [
  '\u0000',
  '\u0007',
  '\u001b',
  '\t',
  '\n',
  '\r',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '&#0;',
  '&#x110000;',
  '<',
  '</seg>',
  '1e999',
  '-0',
  '9'.repeat(400),
  '\u2028',
  '\ufeff',
  '\ufffd',
  'NaN',
];

/** A place in a JSON value: the object or array, and the name or index. */
function places(value: Json): [parent: Json[] | {[name: string]: Json}, key: string][] {
  if (typeof value !== 'object' || value === null) return [];
  const all = Object.entries(value) as [string, Json][];
  const here = all.map(([key]) => [value, key] as [Json[] | {[name: string]: Json}, string]);
  return [...here, ...all.flatMap(([, entry]) => places(entry))];
}

/** Deletes, doubles or retypes a field somewhere. */
function mutateJson(text: string, below: Random): string {
  const value: Json = JSON.parse(text);
  const all = places(value);
  const [parent, key] = all[below(all.length)];
  const object = parent as Record<string, Json>;
  switch (below(4)) {
    case 0:
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
      break;
    case 1:
      if (Array.isArray(parent)) parent.push(structuredClone(parent[Number(key)]));
      else
        return JSON.stringify(value).replace(`"${key}":`, `"${key}":${JSON.stringify(VALUES()[below(24)])},"${key}":`);
      break;
    default: {
      const values = VALUES();
      object[key] = values[below(values.length)];
    }
  }
  return JSON.stringify(value);
}

/** Cuts, doubles, overwrites or inserts somewhere, in bytes: what comes out need not be UTF-8. */
function mutateBytes(bytes: Uint8Array, below: Random): Uint8Array {
  const at = below(bytes.length + 1);
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  const join = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
  switch (below(5)) {
    case 0:
      return before;
    case 1:
      return join(before, after.subarray(1 + below(10)));
    case 2:
      return join(before, Uint8Array.of(below(256)), after.subarray(1));
    case 3:
      return join(before, encoder.encode(TEXTS[below(TEXTS.length)]), after);
    default:
      return join(before, after.subarray(0, below(20)), after);
  }
}

interface Outcome {
  loaded: number;
  errors: string[];
}

/** Loads what was mutated; the rows around it must not suffer. */
async function outcomeOf(
  dataSet: DataSet<unknown>,
  files: (mutated: (text: string) => Uint8Array) => Record<string, Uint8Array>,
  isJson: boolean,
): Promise<Outcome> {
  const outcome: Outcome = {loaded: 0, errors: []};
  for (let seed = 0; seed < ROWS; seed++) {
    const below = random(xoroshiro128plus(seed));
    const mutate = (text: string) =>
      isJson && below(2) === 0 ? encoder.encode(mutateJson(text, below)) : mutateBytes(encoder.encode(text), below);
    const given = files(mutate);
    try {
      await loadSplit(dataSet, async (file) => given[file], 'test');
      outcome.loaded++;
    } catch (error) {
      outcome.errors.push(error instanceof Error ? error.message : String(error));
    }
  }
  return outcome;
}

function joinLines(lines: Uint8Array[]): Uint8Array {
  return Buffer.concat(lines.flatMap((line) => [line, encoder.encode('\n')]));
}

/** A file of which the second line, or another, is mutated; of one that has fewer, the last. */
function mutateLine(text: string, mutate: (text: string) => Uint8Array, line = 1): Uint8Array {
  const lines = text.split('\n').slice(0, -1);
  return joinLines(
    lines.map((text, i) => (i === Math.min(line, lines.length - 1) ? mutate(text) : encoder.encode(text))),
  );
}

const withSplit = <Row>(dataSet: DataSet<Row>, file: string): DataSet<Row> => ({...dataSet, splits: {test: [file]}});

describe(`of ${ROWS} mutated rows each is refused with its file and line, or loads`, () => {
  const jsonLines = {...superGlue, gsm8k} as Record<string, DataSet<unknown>>;

  it.each(Object.entries(jsonLines))('%s', async (name, dataSet) => {
    const file = `${name}.jsonl`;
    const text = fixture(file).toString();
    const {loaded, errors} = await outcomeOf(
      withSplit(dataSet, file),
      (mutate) => ({[file]: mutateLine(text, mutate)}),
      true,
    );
    expect(loaded + errors.length).toBe(ROWS);
    expect(loaded).toBeGreaterThan(ROWS / 20);
    expect(errors.length).toBeGreaterThan(ROWS / 4);
    // A line end put into the line makes two of it.
    expect(errors.filter((error) => !new RegExp(`^${name}[.]jsonl, line [123]\\b`).test(error))).toEqual([]);
  });

  it('pairs in one file', async () => {
    const text = fixture('pairs.tsv').toString();
    const dataSet = tabSeparatedPairs('pairs', {test: 'pairs.tsv'});
    const {loaded, errors} = await outcomeOf(dataSet, (mutate) => ({'pairs.tsv': mutateLine(text, mutate)}), false);
    expect(loaded).toBeGreaterThan(ROWS / 20);
    expect(errors.length).toBeGreaterThan(ROWS / 20);
    expect(errors.filter((error) => !/^pairs[.]tsv, line [23]\b/.test(error))).toEqual([]);
  });

  it('pairs in two files', async () => {
    const text = fixture('pairs.de').toString();
    const dataSet = parallelPairs('pairs', {test: ['pairs.en', 'pairs.de']});
    const files = (mutate: (text: string) => Uint8Array) => ({
      'pairs.en': fixture('pairs.en'),
      'pairs.de': mutateLine(text, mutate),
    });
    const {loaded, errors} = await outcomeOf(dataSet, files, false);
    expect(loaded).toBeGreaterThan(ROWS / 20);
    expect(errors.length).toBeGreaterThan(ROWS / 20);
    expect(errors.filter((error) => !/^pairs[.]de, line [234]\b/.test(error))).toEqual([]);
  });

  it('pairs of WMT', async () => {
    const text = fixture('pairs-ref.de.sgm').toString();
    const [src, ref] = ['pairs-src.en.sgm', 'pairs-ref.de.sgm'];
    const dataSet = wmtPairs('pairs', {test: [src, ref]});
    const files = (mutate: (text: string) => Uint8Array) => ({[src]: fixture(src), [ref]: mutateLine(text, mutate, 4)});
    const {loaded, errors} = await outcomeOf(dataSet, files, false);
    expect(loaded).toBeGreaterThan(ROWS / 20);
    expect(errors.length).toBeGreaterThan(ROWS / 20);
    // Where a segment is gone, it is that of the other file that has none beside it.
    expect(errors.filter((error) => !/^pairs-(src[.]en|ref[.]de)[.]sgm, line [5678]\b/.test(error))).toEqual([]);
  });

  it('squad: with its file and the place in it', async () => {
    const text = JSON.stringify(JSON.parse(fixture('squad.json').toString()));
    const dataSet = withSplit(squad2, 'squad.json');
    const {loaded, errors} = await outcomeOf(dataSet, (mutate) => ({'squad.json': mutate(text)}), true);
    expect(loaded).toBeGreaterThan(ROWS / 20);
    expect(errors.length).toBeGreaterThan(ROWS / 4);
    expect(errors.filter((error) => !/^squad[.]json( is|: data(\[\d+\])?[. :]|: data is)/.test(error))).toEqual([]);
  });
});
