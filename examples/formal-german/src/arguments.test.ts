import {execFile, spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {describe, expect, it} from 'vitest';

// The command itself, as it is built: `npm test` builds first.
const demo = fileURLToPath(new URL('../dist/demo.js', import.meta.url));
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const runDemo = (...args: string[]) => promisify(execFile)(process.execPath, [demo, ...args]);

describe('the demo’s arguments', () => {
  it.each<[string[], string]>([
    [['--sed', '3'], "error: unknown option '--sed' (Did you mean --seed?)"],
    [['--polish'], "error: unknown option '--polish'"],
    [['--seed'], "error: option '--seed <n>' argument missing"],
    [['--seed', '-1'], "error: option '--seed <n>' argument '-1' is invalid. Expected a whole number of at least 0."],
    [['--steps', '0'], "error: option '--steps <n>' argument '0' is invalid. Expected a whole number of at least 1."],
    [['--steps', 'x'], "error: option '--steps <n>' argument 'x' is invalid. Expected a whole number of at least 1."],
    [['--seeds', '1'], "error: option '--seeds <n>' argument '1' is invalid. Expected a whole number of at least 2."],
    [
      ['--backend', 'nope'],
      "error: option '--backend <name>' argument 'nope' is invalid. Allowed choices are tensorflow, wasm, cpu.",
    ],
    [['--translate', ' '], "error: option '--translate <text>' argument ' ' is invalid. Expected some text."],
    [['--seeds', '2', '--quick'], "error: option '--seeds <n>' cannot be used with option '--quick'"],
    [['--grid', '--steps', '3'], "error: option '--grid' cannot be used with option '--steps <n>'"],
    [['quick'], 'error: too many arguments. Expected 0 arguments but got 1.'],
  ])('%j is answered by one line and the usage, and writes nothing', async (args, line) => {
    const folder = mkdtempSync(join(tmpdir(), 'formal-german-'));
    const out = join(folder, 'report');
    // An option's value comes after it.
    const answer = await runDemo('--out', out, ...args).catch((error: unknown) => error);
    expect(answer).toMatchObject({code: 1, stdout: ''});
    expect(answer).toHaveProperty('stderr', `${line}\n\n${(await runDemo('--help')).stdout}`);
    expect(existsSync(out)).toBe(false);
    rmSync(folder, {recursive: true});
  });

  it('-h and --help print the options that the README lists', async () => {
    const {stdout} = await runDemo('-h');
    expect(stdout).toMatch(/^Usage: npm run demo -- \[options\]\n/);
    expect((await runDemo('--help')).stdout).toBe(stdout);
    const options = (text: string, pattern: RegExp) =>
      Array.from(text.matchAll(pattern), ([, option]) => option).sort();
    const listed = options(readme, /^\| (?:`-h`, )?`(--[a-z]+)/gm);
    expect(options(stdout, /^ {2}(?:-h, )?(--[a-z]+)/gm)).toEqual(listed);
  });

  it('--version prints the example’s version', async () => {
    const {version} = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect((await runDemo('--version')).stdout).toBe(`${version}\n`);
  });

  it('on cpu says first how long it will take, and why', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'formal-german-'));
    const child = spawn(process.execPath, [demo, '--quick', '--steps', '3', '--backend', 'cpu', '--out', folder]);
    try {
      const said = await new Promise<string>((resolve, reject) => {
        let said = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          said += text;
          if (said.includes('loops')) resolve(said);
        });
        child.on('close', () => reject(new Error(`ended after '${said}'`)));
      });
      expect(said).toMatch(/^This will take about \d+ min: the cpu backend computes in plain JavaScript loops/m);
      expect(said).not.toContain('0/3');
    } finally {
      child.kill();
      rmSync(folder, {recursive: true});
    }
  });
});
