import {copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {type Browser, chromium, type Page} from 'playwright';
import {createServer, type ViteDevServer} from 'vite';
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest';
import {launchOptions} from '../backends/chromium.js';
import {entriesForPages, publishedPackages} from './published-packages.js';
import {runCommand} from './run-command.js';

/** What bundles the page, with only warnings printed. */
const builds = {
  esbuild: 'esbuild main.js --bundle --splitting --format=esm --minify --outdir=dist-esbuild --log-level=warning',
  webpack: 'webpack --stats=errors-warnings --fail-on-warnings',
  rollup: 'rollup --config --failAfterWarnings',
  vite: 'vite build --logLevel=warn',
};
const backends = ['cpu', 'wasm', 'webgl', 'webgpu'];
const tfjs = ['', '-backend-wasm', '-backend-webgl', '-backend-webgpu'].map((name) => `@tensorflow/tfjs${name}`);
/** Chromium; without it the bundles are only made, unless `REQUIRE_BACKENDS` names a backend that runs there. */
const browser = await chromium.launch(launchOptions).catch((error: unknown): Browser | undefined => {
  if (/\bwebgl|-chromium/.test(process.env.REQUIRE_BACKENDS ?? '')) throw error;
  return undefined;
});
/** The page's folder, a stranger's: the packages are installed in it. */
const folder = join(inject('folder'), 'page');
/** What each entry exports in Node. */
let exported: Record<string, readonly string[]>;

beforeAll(async () => {
  cpSync(fileURLToPath(new URL('page', import.meta.url)), folder, {recursive: true});
  for (const file of ['package.json', 'package-lock.json'])
    copyFileSync(join(inject('tools'), file), join(folder, file));
  writeFileSync(join(folder, '.npmrc'), `@subset-tuning:registry=${inject('registry')}\n`);
  const names = publishedPackages.map(({name}) => name);
  await runCommand(`npm ci && npm install ${[...names, ...tfjs].join(' ')}`, {cwd: folder});

  const parts = [...entriesForPages, ...backends.map((name) => `./${name}.js`)];
  const imports = parts.map((part) => `  '${part}': () => import('${part}'),\n`);
  writeFileSync(join(folder, 'main.js'), `globalThis.modules = {\n${imports.join('')}};\n`);

  // Where the wasm backend is told to look for them.
  const wasm = join(folder, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');
  mkdirSync(join(folder, 'public'));
  for (const file of readdirSync(wasm).filter((file) => file.endsWith('.wasm'))) {
    copyFileSync(join(wasm, file), join(folder, 'public', file));
  }

  const list = `for (const entry of ${JSON.stringify(entriesForPages)}) list[entry] = Object.keys(await import(entry));`;
  writeFileSync(join(folder, 'list.js'), `const list = {};\n${list}\nconsole.log(\`\\n\${JSON.stringify(list)}\`);\n`);
  const output = await runCommand('node list.js', {cwd: folder});
  exported = JSON.parse(output.trim().split('\n').at(-1) ?? '');
});

afterAll(() => browser?.close());

/** The tests of a page, which `open` brings to a blank one. */
function pageTests(open: (page: Page) => Promise<unknown>): void {
  const onPage = async <T>(expression: string): Promise<T> => {
    const page = await browser?.newPage();
    if (!page) throw new Error('there is no Chromium');
    try {
      const errors: unknown[] = [];
      page.on('pageerror', (error) => errors.push(error));
      await open(page);
      const result = await page.evaluate<T>(expression);
      expect(errors).toEqual([]);
      return result;
    } finally {
      await page.close();
    }
  };

  test.skipIf(!browser)('loads', async () => {
    const list = `Promise.all(${JSON.stringify(entriesForPages)}.map(async (entry) => [entry, Object.keys(await modules[entry]())]))`;
    const found = Object.fromEntries(await onPage<[string, string[]][]>(list));
    for (const entry of entriesForPages) expect(found[entry]?.toSorted(), entry).toEqual(exported[entry]?.toSorted());
  });

  test.skipIf(!browser).each(backends)('%s', async (backend) => {
    const step = await onPage(`modules['./${backend}.js']().then(({takeStep}) => takeStep())`);
    expect(step).toEqual({backend, path: 'fused', positions: [0]});
  });
}

describe.each(Object.entries(builds))('%s', (bundler, command) => {
  const dist = join(folder, `dist-${bundler}`);
  let isBuilt = false;

  test('bundles', async () => {
    const path = [join(folder, 'node_modules/.bin')];
    const output = await runCommand(command, {cwd: folder, path});
    expect(output).not.toMatch(/warning|externalized|\(!\)/i);
    if (!existsSync(join(dist, 'index.html'))) copyFileSync(join(folder, 'index.html'), join(dist, 'index.html'));
    cpSync(join(folder, 'public'), dist, {recursive: true});
    isBuilt = true;
  });

  pageTests(async (page) => {
    if (!isBuilt) throw new Error('there is no bundle');
    await page.route('http://localhost/**', (route, request) =>
      route.fulfill({path: join(dist, new URL(request.url()).pathname)}),
    );
    await page.goto('http://localhost/index.html');
  });
});

describe('vite, dev server', () => {
  let server: ViteDevServer;
  beforeAll(async () => {
    server = await createServer({root: folder, server: {host: '127.0.0.1', port: 0}, logLevel: 'warn'});
    await server.listen();
  });
  afterAll(() => server?.close());

  pageTests((page) => page.goto(server.resolvedUrls?.local[0] ?? ''));
});
