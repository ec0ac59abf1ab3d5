import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterEach, beforeEach, expect, test} from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(fileURLToPath(new URL('../.tmp-', import.meta.url)));
});
afterEach(() => rmSync(folder, {recursive: true}));

/** Runs vitest on test files of the given texts, where `cpu` is present and `webgpu` is missing. */
function run(required: string, tests: Record<string, string>, command = ['run']) {
  const config = `
    import {BackendsReporter} from '../backends/backends-reporter.js';
    const found = {present: [{name: 'cpu'}], missing: new Map([['webgpu', 'no adapter']]), required: [${required}]};
    const projects = ['unit', 'cpu'].map((name) => ({test: {name, include: ['*.' + name + '.ts']}}));
    export default {test: {reporters: [new BackendsReporter(found)], projects}};`;
  writeFileSync(join(folder, 'vitest.config.ts'), config);
  for (const [name, text] of Object.entries(tests)) {
    writeFileSync(join(folder, name), `import {expect, test} from 'vitest';\n${text}`);
  }
  const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
  const {status, stdout} = spawnSync(process.execPath, [vitest, ...command, '--root', folder], {encoding: 'utf8'});
  return {status, lines: stdout.trimEnd().split('\n')};
}

test('closes with a table and a plain count', () => {
  const {status, lines} = run(`'cpu'`, {
    'a.unit.ts': `test('a', () => {}); test.skip('b', () => {});`,
    'a.cpu.ts': `test('a', () => {}); test('b', () => {});`,
  });
  expect(lines.slice(-6)).toEqual([
    'project  passed  failed  skipped',
    'unit          1       0        1',
    'cpu           2       0        0',
    'webgpu        -       -        -  missing: no adapter',
    '',
    '3 passed, 0 failed',
  ]);
  expect(status).toBe(0);
});

test('counts a required backend that is missing or passed nothing, and a file that does not load', () => {
  const {status, lines} = run(`'cpu', 'webgpu'`, {
    'a.unit.ts': `test('a', () => {}); test('b', () => expect(1).toBe(2));`,
    'b.unit.ts': `throw new Error('does not load');`,
    'a.cpu.ts': `test.skip('a', () => {});`,
  });
  expect(lines).toContain('unit          1       2        0');
  expect(lines).toContain('cpu           0       0        1  required');
  expect(lines).toContain('webgpu        -       -        -  missing: no adapter (required)');
  expect(lines.at(-1)).toBe('1 passed, 4 failed');
  expect(status).toBe(1);
});

test('fails for a required backend alone', () => {
  const {status, lines} = run(`'webgpu'`, {'a.unit.ts': `test('a', () => {});`});
  expect(lines.at(-1)).toBe('1 passed, 1 failed');
  expect(status).toBe(1);
});

test('fails for a required backend that is missing, not for one that rests, where some imports are asked about', () => {
  const tests = {'a.ts': '', 'a.unit.ts': `import './a.js'; test('a', () => {});`, 'a.cpu.ts': `test('b', () => {});`};
  const command = ['related', '--run', join(folder, 'a.ts')];
  expect(run(`'cpu'`, tests, command)).toMatchObject({
    status: 0,
    lines: expect.arrayContaining(['1 passed, 0 failed']),
  });
  expect(run(`'cpu', 'webgpu'`, tests, command).lines.at(-1)).toBe('1 passed, 1 failed');
});
