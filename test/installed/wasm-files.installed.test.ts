import {copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {type Browser, chromium} from 'playwright';
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest';
import {launchOptions} from '../backends/chromium.js';
import {runCommand} from './run-command.js';

// Each bundler's own way to the `.wasm` files of tfjs, as docs/browser.md has it, and what that says of threads.

const guide = readFileSync(fileURLToPath(new URL('../../docs/browser.md', import.meta.url)), 'utf8');
const block = (name: string) => new RegExp(`^\`\`\`js\n// ${name}[^]*?^\`\`\`$`, 'm').exec(guide)?.[0].slice(5, -3);
/** What a module for a bundler holds besides, and how it is bundled: minified, and fit for threads. */
const bundlers = {
  esbuild: {
    code: block('Vite')?.replaceAll('?url', ''),
    ...{minified: esbuild('minified', '--minify'), threads: esbuild('threads', '--minify')},
  },
  webpack: {
    code: block('webpack'),
    minified: 'webpack ./main.js --mode production --output-path ./minified',
    threads: 'webpack ./main.js --mode production --no-optimization-minimize --output-path ./threads',
  },
  vite: {
    code: block('Vite'),
    ...{minified: 'vite build --outDir minified', threads: 'vite build --minify false --outDir threads'},
  },
};
function esbuild(out: string, flags: string): string {
  expect(guide).toContain('`--loader:.wasm=file --public-path=/`');
  return `esbuild main.js --bundle --format=esm ${flags} --loader:.wasm=file --public-path=/ --outdir=${out}`;
}

const isolation = {'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp'};
/** Chromium; without it the bundles are only made, unless `REQUIRE_BACKENDS` names a backend that runs there. */
const browser = await chromium.launch(launchOptions).catch((error: unknown): Browser | undefined => {
  if (/\bwebgl|-chromium/.test(process.env.REQUIRE_BACKENDS ?? '')) throw error;
  return undefined;
});
/** A stranger's folder, in which the packages are installed. */
const folder = join(inject('folder'), 'wasm-files');

beforeAll(async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, '.npmrc'), `@subset-tuning:registry=${inject('registry')}\n`);
  const ours = ['kernels', 'kernels-wasm', 'optimizer'].map((name) => `@subset-tuning/${name}`);
  await runCommand(`npm install ${ours.join(' ')} @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm`, {cwd: folder});
});
afterAll(() => browser?.close());

describe.each(Object.entries(bundlers))('%s', (bundler, {code, ...commands}) => {
  const consumer = join(folder, bundler);

  beforeAll(async () => {
    mkdirSync(consumer);
    for (const file of ['take-step.js', 'wasm-files.js']) {
      copyFileSync(fileURLToPath(new URL(`page/${file}`, import.meta.url)), join(consumer, file));
    }
    const imports = "import {setWasmPaths} from '@tensorflow/tfjs-backend-wasm';\nimport './wasm-files.js';\n";
    writeFileSync(join(consumer, 'main.js'), `${imports}${code}`);
    const page = join(consumer, 'index.html');
    writeFileSync(page, '<!doctype html>\n<script type="module" src="/main.js"></script>\n');
    const path = [join(inject('tools'), 'node_modules/.bin')];
    for (const [bundle, command] of Object.entries(commands)) {
      await runCommand(command, {cwd: consumer, path});
      // Vite writes its own.
      if (bundler !== 'vite') copyFileSync(page, join(consumer, bundle, 'index.html'));
    }
  });

  /** Takes a step in the page of a bundle, and says which `.wasm` file it asked for. */
  async function takeStep(bundle: keyof typeof commands, {isolated = false, threads = true} = {}) {
    const page = await browser?.newPage();
    if (!page) throw new Error('there is no Chromium');
    try {
      let file: string | undefined;
      const errors: unknown[] = [];
      page.on('pageerror', (error) => errors.push(error));
      await page.route('http://localhost/**', (route, request) => {
        const path = join(consumer, bundle, new URL(request.url()).pathname);
        if (path.endsWith('.wasm')) file = nameOf(path);
        return route.fulfill({path, ...(isolated && {headers: isolation})});
      });
      await page.goto('http://localhost/index.html');
      await expect.poll(() => page.evaluate('typeof takeStep'), {timeout: 60_000}).toBe('function');
      const step = await page.evaluate(`takeStep(${threads})`);
      expect(step).toEqual({backend: 'wasm', path: 'fused', positions: [0]});
      expect(errors).toEqual([]);
      return file;
    } finally {
      await page.close();
    }
  }

  test.skipIf(!browser)('minified', async () => {
    expect(await takeStep('minified')).toBe('tfjs-backend-wasm-simd.wasm');
  });

  test.skipIf(!browser)('minified and isolated, without threads', async () => {
    const options = {isolated: true, threads: false};
    expect(await takeStep('minified', options)).toBe('tfjs-backend-wasm-simd.wasm');
  });

  test.skipIf(!browser)('isolated, with threads', async () => {
    expect(await takeStep('threads', {isolated: true})).toBe('tfjs-backend-wasm-threaded-simd.wasm');
  });
});

/** What a `.wasm` file of a bundle is called by tfjs; bundlers give it another name. */
function nameOf(path: string): string | undefined {
  const files = join(folder, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');
  const bytes = readFileSync(path);
  return readdirSync(files).find((name) => name.endsWith('.wasm') && readFileSync(join(files, name)).equals(bytes));
}
