import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, describe, expect, it} from 'vitest';

const script = fileURLToPath(new URL('../scripts/fuzz/fuzz.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
afterAll(() => rmSync(folder, {recursive: true}));

function fuzz(...args: string[]) {
  const {status, stderr} = spawnSync(process.execPath, [script, ...args, '--json', 'report.json'], {
    ...{cwd: folder, encoding: 'utf8', env: {...process.env, INIT_CWD: folder}},
  });
  return {status, stderr, report: JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))};
}

describe('npm run fuzz', () => {
  it.each(['safetensors', 'gguf'])('finds nothing in %s', (target) => {
    const cases = 400;
    // The files of each run are new ones: what is found has its seed in the output.
    const seed = String(Math.floor(Math.random() * 2 ** 31));
    const {status, stderr, report} = fuzz('--target', target, '--cases', String(cases), '--seed', seed);
    expect([stderr, status]).toEqual(['', 0]);
    expect(report).toEqual({
      ...{cases, crashes: 0, hangs: 0, loaded: expect.any(Number), refused: expect.any(Number)},
      maxExtraBytes: expect.any(Number),
    });
    expect(report.loaded + report.refused).toBe(cases);
    expect(Math.min(report.loaded, report.refused)).toBeGreaterThan(0);
    expect(report.maxExtraBytes).toBeLessThan(2 ** 26);
  });

  it('finds what there is to find', () => {
    // A case of each kind, and one more. What is stuck is stuck for ever; what is slow here has seconds.
    const targets = join(folder, 'targets.mjs');
    writeFileSync(
      targets,
      `const file = new Uint8Array(64);
       let calls = 0;
       const after = (use) => ({file, use: (bytes) => (calls++ < 6 ? undefined : use(bytes))}); // first the right files
       export const TARGETS = {
         all: {
           floatBytes: 2,
           headerLength: () => 32,
           uses: [
             after(() => {}),
             after(() => { throw new Error('the file is wrong'); }),
             after(() => { throw new TypeError('x is undefined'); }),
             after(() => process.abort()),
             after(() => { for (;;); }),
             after(() => { new Float64Array(2 ** 24); }),
           ],
         },
       };`,
    );
    const {status, stderr, report} = fuzz(
      '--targets',
      targets,
      '--target',
      'all',
      '--cases',
      '7',
      '--patience',
      '8000',
    );
    expect(status).toBe(1);
    expect(report).toMatchObject({cases: 7, loaded: 3, refused: 1, crashes: 2, hangs: 1});
    expect(report.maxExtraBytes).toBeGreaterThan(2 ** 27 - 1000);
    expect(stderr).toContain('case 2 of seed 1 crashes: TypeError: x is undefined');
    expect(stderr).toContain('case 3 of seed 1 crashes: the process ended with SIGABRT');
    expect(stderr).toContain('case 4 of seed 1 hangs: the process ended with SIGKILL');
    expect(stderr).toMatch(/case 5 of seed 1 took \d+ bytes beyond its tensors/);
  });

  it('refuses what it does not know', () => {
    for (const [args, message] of [
      [['--target', 'onnx'], '--target is onnx; expected safetensors or gguf'],
      [['--target', 'gguf', '--cases', '0'], '--cases is 0; expected a whole number ≥ 1'],
      [['--target', 'gguf', '--seed', '-1'], '--seed'],
    ] as const) {
      const {status, stderr} = spawnSync(process.execPath, [script, ...args], {encoding: 'utf8'});
      expect(status).toBe(1);
      expect(stderr).toContain(message);
    }
  });
});
