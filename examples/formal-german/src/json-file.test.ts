import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, it} from 'vitest';
import {resume, writeJson} from './json-file.js';

it('goes on with results of the same settings, and mixes none of others in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'json-file-'));
  const file = join(folder, 'results', 'grid.json');
  try {
    expect(resume(file, {steps: 60, backend: 'wasm'})).toEqual({steps: 60, backend: 'wasm', rows: []});
    writeJson(file, {steps: 60, backend: 'wasm', rows: [1]});
    expect(resume(file, {steps: 60, backend: 'wasm'}).rows).toEqual([1]);
    const before = readFileSync(file, 'utf8');
    expect(() => resume(file, {steps: 60, backend: 'cpu'})).toThrow(
      `${file}: backend is wasm, expected cpu as now; move the file away to begin anew`,
    );
    expect(readFileSync(file, 'utf8')).toBe(before);
  } finally {
    rmSync(folder, {recursive: true});
  }
});
