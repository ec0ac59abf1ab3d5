import {execFile, spawn} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {testScale} from '../../../test/scale.js';
import type {SummaryRow} from './summary.js';

// The command itself, as it is built: `npm test` builds first.
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const run = (...args: string[]) => promisify(execFile)(process.execPath, [main, ...args]);

/** The README's commands, without `npm run compare --`. */
const commands = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('npm run compare -- '))
  .map((line) => line.replace('npm run compare -- ', '').replace(/ *#.*/, '').split(' '));

describe('the command', () => {
  let out: string;
  let folder: string;
  let printed: string;
  beforeAll(async () => {
    out = mkdtempSync(join(tmpdir(), 'compare-'));
    const first = commands.find((args) => args.includes('--name'));
    if (!first) throw new Error('the README has no command with --name');
    folder = join(out, first[first.indexOf('--name') + 1]);
    printed = (await run(...first, '--out', out)).stdout;
  });
  afterAll(() => rmSync(out, {recursive: true, force: true}));

  const summaryOf = (made: string): SummaryRow[] => JSON.parse(readFileSync(join(made, 'summary.json'), 'utf8'));

  it("writes what the README's first command is said to", () => {
    expect(readdirSync(folder).sort()).toEqual([
      ...['bytes.png', 'bytes.svg', 'cells', 'parameters.png', 'parameters.svg', 'summary.json', 'table.md'],
    ]);
    const [subset, vectors, lora] = summaryOf(folder);
    expect(Object.keys(subset)).toEqual([
      ...['task', 'model', 'method', 'budget', 'parameters', 'bytes', 'metric', 'mean', 'low', 'high'],
      ...['forgotten', 'seeds', 'learningRate', 'steps'],
    ]);
    expect(subset).toMatchObject({method: 'subset', parameters: 2000, metric: 'chrF', seeds: 1, steps: 2});
    expect(subset.forgotten).not.toBe(0);
    expect(vectors).toMatchObject({method: 'vectors', parameters: 1440});
    expect(lora).toMatchObject({method: 'lora', budget: 2000});
    expect(lora.bytes).toBeGreaterThan(4 * lora.parameters);
    expect(printed).toContain(readFileSync(join(folder, 'table.md'), 'utf8'));
    for (const axis of ['parameters', 'bytes']) {
      const svg = readFileSync(join(folder, `${axis}.svg`), 'utf8');
      expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
      expect(svg).toContain('>vectors</text>');
      expect([...readFileSync(join(folder, `${axis}.png`)).subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    }
  });

  it('stores no more values than it may in any run', () => {
    for (const file of readdirSync(join(folder, 'cells'))) {
      const {cell, result} = JSON.parse(readFileSync(join(folder, 'cells', file), 'utf8'));
      // A weight whose gradient is exactly zero stays the seed's, and is not stored.
      expect(result.parameters).toBeLessThanOrEqual(cell.choice.parameters);
      expect(result.parameters).toBeGreaterThanOrEqual(0.999 * cell.choice.parameters);
    }
  });

  // Each takes ten seconds: `TEST_SCALE=10` kills ten times.
  const kills = Math.ceil(testScale);
  it(`killed ${kills} times, comes to the same, byte for byte`, async () => {
    const [first] = commands.filter((args) => args.includes('--name'));
    const again = join(out, 'again');
    for (let kill = 0; kill < kills; kill++) await killed([...first, '--out', again], kill % 3);
    await run(...first, '--out', again);
    const made = join(again, first[first.indexOf('--name') + 1]);
    for (const file of ['summary.json', 'table.md', 'parameters.svg', 'bytes.png']) {
      expect(readFileSync(join(made, file))).toEqual(readFileSync(join(folder, file)));
    }
    const cells = readdirSync(join(made, 'cells')).filter((file) => file.endsWith('.json'));
    expect(cells.sort()).toEqual(readdirSync(join(folder, 'cells')).sort());
  });

  it("plans each of the README's commands, where there is what it reads", async () => {
    expect(commands.length).toBeGreaterThan(1);
    const data = process.env.SUBSET_TUNING_DATA;
    for (const args of commands) {
      if (args.includes('FOLDER') && !data) continue;
      const given = args.map((arg) => (arg === 'FOLDER' ? String(data) : arg));
      expect((await run(...given, '--plan')).stdout).toContain('{"parameters":');
    }
  });

  it('names what it does not know', async () => {
    await expect(run('--methods', 'prayer')).rejects.toMatchObject({
      ...{code: 1, stderr: expect.stringContaining('--methods is "prayer", expected one of subset, ')},
    });
    await expect(run('--task', 'informal', '--methods', 'subset')).rejects.toMatchObject({
      ...{code: 1, stderr: expect.stringContaining('--task is "informal", expected one of formal-german, xquad')},
    });
    await expect(run('--task', 'rte', '--methods', 'subset')).rejects.toMatchObject({
      ...{code: 1, stderr: expect.stringContaining('the task reads superglue/RTE, expected --data FOLDER')},
    });
    await expect(run('--model', 'nowhere', '--methods', 'subset')).rejects.toMatchObject({
      ...{code: 1, stderr: expect.stringContaining('nowhere')},
    });
  });
});

/** Runs the command and kills it at some time after so many of its cells. */
function killed(args: readonly string[], cells: number): Promise<void> {
  const child = spawn(process.execPath, [main, ...args], {stdio: ['ignore', 'ignore', 'pipe']});
  let lines = 0;
  return new Promise((resolve) => {
    child.stderr.on('data', (text: Buffer) => {
      lines += text.toString().split(': loss').length - 1;
      if (lines >= cells) setTimeout(() => child.kill('SIGKILL'), 500 * Math.random());
    });
    // Where nothing was left to run it ended by itself.
    child.on('exit', () => resolve());
  });
}
