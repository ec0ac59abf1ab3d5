import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {promisify, stripVTControlCharacters} from 'node:util';
import {type Browser, chromium} from 'playwright';
import {afterAll, expect, it} from 'vitest';
import {launchOptions} from '../../../test/backends/chromium.js';

const cwd = fileURLToPath(new URL('../../..', import.meta.url));
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
/** What README shows of the first backend, with any backend's name. */
const expected = /^cpu(, fused: .*)$/m.exec(readme)?.[1] ?? '';
const required = (process.env.REQUIRE_BACKENDS ?? '').split(/[\s,]+/);

/** Chromium; without it there is no page, unless `REQUIRE_BACKENDS` names a backend that runs there. */
const browser = await chromium.launch(launchOptions).catch((error: unknown): Browser | undefined => {
  if (/\bwebgl|-chromium/.test(process.env.REQUIRE_BACKENDS ?? '')) throw error;
  return undefined;
});
afterAll(() => browser?.close());

/** Every backend of these has a line, with README's subset unless it is missing and may be. */
function expectTheSame(lines: readonly string[], backends: readonly string[], mustRun: readonly string[]): void {
  expect(lines).toHaveLength(backends.length);
  for (const [i, backend] of backends.entries()) {
    if (!mustRun.includes(backend) && lines[i]?.startsWith(`${backend} is missing: `)) continue;
    expect(lines[i]).toBe(`${backend}${expected}`);
  }
}

it('chooses the same on every backend of Node, by its fused kernels', async () => {
  const {stdout} = await promisify(execFile)('npm', ['start', '-w', 'examples/any-backend'], {cwd});
  const lines = stdout.split('\n').filter((line) => /, (fused|fallback): | is missing: /.test(line));
  const mustRun = ['cpu', 'wasm', ...required.filter((name) => ['webgpu', 'tensorflow'].includes(name))];
  expectTheSame(lines, ['cpu', 'wasm', 'webgpu', 'tensorflow'], mustRun);
});

it.skipIf(!browser)('chooses the same on every backend of a page', async () => {
  const page = await browser?.newPage();
  const server = spawn('npm', ['run', 'page', '-w', 'examples/any-backend'], {cwd, detached: true});
  try {
    let printed = '';
    for await (const chunk of server.stdout) {
      printed = stripVTControlCharacters(printed + chunk); // vite prints in colours where `CI` is set
      if (/Local: .*\n/.test(printed)) break;
    }
    const [address] = /http:\S+/.exec(printed) ?? [];
    const problems: unknown[] = [];
    page?.on('pageerror', (error) => problems.push(error));
    await page?.goto(`${address}examples/any-backend/`);
    const text = () => page?.textContent('pre');
    await expect.poll(text, {timeout: 120_000}).toMatch(/(.*\n){4}/);
    const mustRun = ['cpu', 'wasm', ...(required.includes('webgl') ? ['webgl'] : [])];
    if (required.includes('webgpu-chromium')) mustRun.push('webgpu');
    expectTheSame((await text())?.trim().split('\n') ?? [], ['cpu', 'wasm', 'webgpu', 'webgl'], mustRun);
    await page?.goto(`${address}examples/any-backend/?backend=wasm`);
    await expect.poll(text, {timeout: 120_000}).toBe(`wasm${expected}\n`);
    expect(problems).toEqual([]);
  } finally {
    // npm and the server, a process group of their own.
    if (server.exitCode === null && server.pid !== undefined) {
      const ended = once(server, 'exit');
      process.kill(-server.pid);
      await ended;
    }
    await page?.close();
  }
});

it('takes under 60 lines', () => {
  const source = readFileSync(new URL('main.ts', import.meta.url), 'utf8');
  expect(source.trimEnd().split('\n').length).toBeLessThan(60);
});
