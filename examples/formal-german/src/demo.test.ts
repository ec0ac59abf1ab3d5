import {execFile} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {readDelta} from '@subset-tuning/deltas';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {Report} from './report.js';

// The command itself, as it is built: `npm test` builds first.
const demo = fileURLToPath(new URL('../dist/demo.js', import.meta.url));
const runDemo = (...args: string[]) => promisify(execFile)(process.execPath, [demo, ...args]);

describe('the demo', () => {
  let out: string;
  let printed: string;
  beforeAll(async () => {
    out = mkdtempSync(join(tmpdir(), 'formal-german-'));
    printed = (await runDemo('--quick', '--steps', '3', '--backend', 'wasm', '--seed', '7', '--out', out)).stdout;
  }, 240_000);
  afterAll(() => rmSync(out, {recursive: true, force: true}));

  it('writes a report of the promised shape', () => {
    const report: Report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
    expect(Object.keys(report).slice(0, 4)).toEqual(['methods', 'proofs', 'backend', 'seconds']);
    expect(report).toMatchObject({
      proofs: {reloadBitExact: true, revertBitExact: true},
      ...{backend: 'wasm', quick: true, steps: 3, seed: 7},
    });
    expect(report.seconds).toBeGreaterThan(0);
    expect(report.methods.map(({method, density}) => [method, density])).toEqual([
      ['seed', 0],
      ['subset', 0.01],
      ['subset', 0.0001],
      ['random', 0.0001],
    ]);
    for (const method of report.methods) {
      expect(Object.keys(method).slice(0, 10)).toEqual([
        ...['method', 'density', 'changedParameters', 'totalParameters', 'bytes'],
        ...['loss', 'formal', 'chrF', 'chrFOther', 'addressAdded'],
      ]);
      expect(method.changedParameters).toBeLessThanOrEqual(Math.round(method.density * method.totalParameters));
      expect(method.formal).toBeGreaterThanOrEqual(0);
      expect(method.formal).toBeLessThanOrEqual(1);
      expect(method.translations.length).toBe(report.sentences.length);
      expect(method.curve.length).toBe(method.method === 'seed' ? 0 : 3);
    }
    const [seed] = report.methods;
    expect(seed.formal).toBe(0);
    expect(seed.addressAdded).toBe(0.01);
    expect(seed.chrFOther).toBeGreaterThan(50);
  });

  it('writes a delta a method, as large as the report says', () => {
    const report: Report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
    const files = readdirSync(join(out, 'deltas')).sort();
    expect(files).toEqual(['random-0.01.safetensors', 'subset-0.01.safetensors', 'subset-1.safetensors']);
    for (const [i, file] of ['subset-1', 'subset-0.01', 'random-0.01'].entries()) {
      const bytes = readFileSync(join(out, 'deltas', `${file}.safetensors`));
      const {bytes: size, changedParameters} = report.methods[i + 1];
      expect(bytes.byteLength).toBe(size);
      const changed = readDelta(bytes).tensors.reduce((sum, {values}) => sum + values.length, 0);
      expect(changed).toBe(changedParameters);
    }
  });

  it('writes a page that needs nothing else, and prints a table', () => {
    const page = readFileSync(join(out, 'index.html'), 'utf8');
    expect(page).not.toMatch(/<script|<link|src=|@import|url\(/);
    expect(page).toContain('<svg');
    expect(page).toContain('subset 0.01 %');
    expect(printed).toMatch(/subset 0\.01 % .* 160 /);
    expect(printed).toContain('bit for bit: yes');
  });

  it('translates a sentence with the deltas that it wrote', async () => {
    const {stdout} = await runDemo('--translate', 'Where do you live?', '--backend', 'wasm', '--out', out);
    expect(stdout).toMatch(
      /^Where do you live\?\n {2}seed +\S.*\n {2}subset 1 % .*\n {2}subset 0\.01 % .*\n {2}random/,
    );
  });
});
