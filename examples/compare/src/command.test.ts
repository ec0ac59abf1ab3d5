import {execFile, spawn} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {hasTfjsNode} from '../../../test/backends/load-tfjs-node.js';
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
      ...[
        'bytes.png',
        'bytes.svg',
        'cells',
        'parameters.png',
        'parameters.svg',
        'summary.json',
        'table.md',
        'verdicts.json',
      ],
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

  // Each takes ten seconds: `TEST_SCALE=10` kills ten times. Where little is tried, one method's part of it is run again.
  const kills = Math.ceil(testScale);
  const methods = testScale < 1 ? ['--methods', 'vectors'] : [];
  it(`killed ${kills} times, comes to the same, byte for byte`, async () => {
    const [first] = commands.filter((args) => args.includes('--name'));
    const again = join(out, 'again');
    for (let kill = 0; kill < kills; kill++) await killed([...first, ...methods, '--out', again], kill % 3);
    await run(...first, ...methods, '--out', again);
    const made = join(again, first[first.indexOf('--name') + 1]);
    const cells = readdirSync(join(made, 'cells'))
      .filter((file) => file.endsWith('.json'))
      .map((file) => join('cells', file));
    const all = ['summary.json', 'table.md', 'parameters.svg', 'bytes.png'];
    for (const file of [...cells, ...(methods.length === 0 ? all : [])]) {
      expect(readFileSync(join(made, file))).toEqual(readFileSync(join(folder, file)));
    }
    const wanted = summaryOf(folder).filter(({method}) => methods.length === 0 || methods.includes(method));
    expect(summaryOf(made)).toEqual(wanted);
  });

  it.runIf(hasTfjsNode())('computes on tensorflow what wasm does, but for rounding', async () => {
    const given = ['--budgets', '2e3', '--methods', 'lora', '--seeds', '1', '--steps', '2', '--tokens-per-step', '64'];
    await run(...given, '--backend', 'tensorflow', '--name', 'elsewhere', '--out', out);
    const lossesOf = (name: string) => {
      const cells = readdirSync(join(out, name, 'cells')).map((file) =>
        JSON.parse(readFileSync(join(out, name, 'cells', file), 'utf8')),
      );
      const ofLora = cells.filter(({cell}) => cell.method === 'lora' && cell.split === 'validation');
      return new Map<number, number>(ofLora.map(({cell, result}) => [cell.learningRate, result.loss]));
    };
    const losses = lossesOf('elsewhere');
    expect(losses.size).toBeGreaterThanOrEqual(3);
    for (const [rate, loss] of lossesOf(basename(folder))) expect(losses.get(rate), `${rate}`).toBeCloseTo(loss, 3);
  });

  it("plans each of the README's commands, where there is what it reads", async () => {
    expect(commands.length).toBeGreaterThan(1);
    const data = process.env.SUBSET_TUNING_DATA;
    for (const args of commands) {
      if (args.includes('FOLDER') && !data) continue;
      // No backend that may be missing: a plan computes nothing.
      const given = args.map((arg) => (arg === 'FOLDER' ? String(data) : arg === 'tensorflow' ? 'wasm' : arg));
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
