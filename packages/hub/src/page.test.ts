import {createHash} from 'node:crypto';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {fileURLToPath} from 'node:url';
import * as esbuild from 'esbuild';
import {type Browser, type BrowserContext, chromium, type Page} from 'playwright';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {launchOptions} from '../../../test/backends/chromium.js';
import {startHubServer} from '../../../test/hub-server.js';
import type {hub} from './hub.js';

declare global {
  /** What the page’s script leaves for the tests. */
  interface Window {
    hub: typeof hub;
  }
}

const ID = 'some-owner/Some.Model';
const MIB = 2 ** 20;
const SIZE = 11 * MIB; // more than two parts, and than the connections below give in all
const large = new Uint8Array(SIZE).map((_, i) => (i * i) >> 5);
const small = large.slice(0, 900);
const hashes = Object.fromEntries(
  Object.entries({large, small}).map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]),
);

/** Chromium; without it nothing here runs, unless `REQUIRE_BACKENDS` names a backend that runs there. */
const browser = await chromium.launch(launchOptions).catch((error: unknown): Browser | undefined => {
  if (/\bwebgl|-chromium/.test(process.env.REQUIRE_BACKENDS ?? '')) throw error;
  return undefined;
});

let pages: Server;
let origin: string;
let context: BrowserContext;
let server: Awaited<ReturnType<typeof startHubServer>>;

beforeAll(async () => {
  const {outputFiles} = await esbuild.build({
    stdin: {
      contents: `import {hub} from './index.js'; globalThis.hub = hub;`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    bundle: true,
    format: 'esm',
    platform: 'browser', // an import of Node would be an error
    write: false,
  });
  const served: Record<string, string> = {
    '/hub.js': outputFiles[0].text,
    '/worker.js': `import './hub.js';
      onmessage = ({data}) => {
        const read = hub('${ID}', {endpoint: data});
        read('small', 1000).then(({length}) => postMessage(length), (error) => postMessage(String(error)));
      };`,
  };
  pages = createServer(({url = ''}, response) => {
    response.setHeader('content-security-policy', policy());
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    response.setHeader('content-type', served[url] ? 'text/javascript' : 'text/html');
    response.end(served[url] ?? '<!doctype html><script type="module" src="/hub.js"></script>');
  });
  await new Promise<void>((resolve) => pages.listen(0, 'localhost', resolve));
  origin = `http://localhost:${(pages.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  pages.closeAllConnections();
  pages.close();
  await browser?.close();
});
beforeEach(async () => {
  if (!browser) return;
  context = await browser.newContext();
  context.setDefaultTimeout(120_000);
  server = await startHubServer(
    {id: ID, files: {large, small}},
    {id: 'some-owner/private', files: {small}, token: 'hf_x'},
  );
});
afterEach(async () => {
  if (!browser) return;
  await context.close();
  await server.stop();
});

/** What docs/browser.md says that a page must allow, and no more. */
function policy(): string {
  return `default-src 'none'; script-src 'self'; connect-src ${server.endpoint} ${server.storage}`;
}

async function openPage(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(origin);
  await page.waitForFunction('globalThis.hub');
  return page;
}

interface Call {
  id?: string;
  file: string;
  cache?: string | false;
  offline?: boolean;
  token?: string;
  retries?: number;
}

/** The SHA-256 of a file as a page reads it, or what its error says. */
function read(page: Page, {id = ID, file, ...options}: Call): Promise<string> {
  return page.evaluate(
    async ({id, file, options}) => {
      try {
        const bytes = await window.hub(id, {...options, wait: async () => {}})(file, 2 ** 24);
        const digest = await crypto.subtle.digest('SHA-256', bytes);
        return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
      } catch (error) {
        return String(error);
      }
    },
    {id, file, options: {endpoint: server.endpoint, ...options}},
  );
}

/** Whether the first part of the large file lies in a page’s store. */
function hasPart(page: Page, cache: string): Promise<boolean> {
  const part = ['models--some-owner--Some.Model', 'blobs', `${hashes.large}.0`];
  return page.evaluate(
    async ({cache, part}) => {
      if (cache !== 'opfs') return Boolean(await caches.match(`/${part.join('/')}`));
      try {
        let folder = await navigator.storage.getDirectory();
        for (const name of ['huggingface', 'hub', ...part.slice(0, -1)]) folder = await folder.getDirectoryHandle(name);
        return (await (await folder.getFileHandle(part[2])).getFile()).size > 0;
      } catch {
        return false;
      }
    },
    {cache, part},
  );
}

const ranges = () => server.requests.filter(({at}) => at === 'storage').map(({range}) => range);

describe.skipIf(!browser).each(['opfs', 'cache-storage'])('in a page, kept in %s', (cache) => {
  it('downloads a file once, and later pages read it without the hub', async () => {
    const page = await openPage();
    expect(await page.evaluate('crossOriginIsolated')).toBe(true);
    for (const file of ['large', 'small']) expect(await read(page, {file, cache})).toBe(hashes[file]);
    await page.close();
    server.requests.length = 0;
    const later = await openPage();
    for (const file of ['large', 'small']) expect(await read(later, {file, cache, offline: true})).toBe(hashes[file]);
    expect(server.requests).toEqual([]);
    const other = cache === 'opfs' ? 'cache-storage' : 'opfs';
    expect(await read(later, {file: 'small', cache: other, offline: true})).toContain('offline nothing is downloaded');
  });

  it('goes on where a connection was cut, and where a tab was closed', async () => {
    const page = await openPage();
    server.plan(/storage/, {cutAfter: 5 * MIB}, {silentAfter: 5 * MIB});
    const reading = read(page, {file: 'large', cache}).catch(() => 'closed');
    await expect.poll(() => hasPart(page, cache), {timeout: 20_000}).toBe(true);
    await expect.poll(() => ranges().length, {timeout: 20_000}).toBe(2);
    await page.close();
    expect(await reading).toBe('closed');
    expect(await read(await openPage(), {file: 'large', cache})).toBe(hashes.large);
    const [first, second, third] = ranges().map((range) => Number(/\d+/.exec(range ?? '')?.[0]));
    expect(first).toBe(0);
    expect(second).toBeGreaterThan(0); // Chromium drops some of what came before a cut
    expect(third).toBeGreaterThanOrEqual(4 * MIB);
  });

  it('keeps nothing of a content with another hash', async () => {
    const page = await openPage();
    server.plan(/storage/, {flip: 100}, {flip: 100});
    expect(await read(page, {file: 'large', cache})).toMatch(/large: the hash .* nothing is kept/);
    expect(await hasPart(page, cache)).toBe(false);
    expect(await read(page, {file: 'large', cache, offline: true})).toContain('offline nothing is downloaded');
    server.plan(/storage/, {flip: 100, cutAfter: 8 * MIB});
    expect(await read(page, {file: 'large', cache})).toBe(hashes.large);
    expect(ranges()).toEqual(['bytes=0-', 'bytes=0-', 'bytes=0-', expect.stringMatching(/^bytes=[1-9]/), 'bytes=0-']);
  });

  it('says where the browser has no room', async () => {
    const page = await openPage();
    const session = await context.newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', {origin, quotaSize: MIB});
    expect(await read(page, {file: 'large', cache})).toMatch(
      /large: the browser gives this page no room for its 11534336/,
    );
    await session.send('Storage.overrideQuotaForOrigin', {origin});
    expect(await read(page, {file: 'large', cache})).toBe(hashes.large);
  });

  it('downloads a file once for two tabs that want it', async () => {
    const tabs = await Promise.all([openPage(), openPage()]);
    expect(await Promise.all(tabs.map((page) => read(page, {file: 'large', cache})))).toEqual([
      hashes.large,
      hashes.large,
    ]);
    expect(ranges()).toEqual(['bytes=0-']);
  });
});

describe.skipIf(!browser)('in a page', () => {
  it('uses OPFS, or where that cannot be written Cache Storage, or nothing', async () => {
    expect(await read(await openPage(), {file: 'small'})).toBe(hashes.small);
    expect(await read(await openPage(), {file: 'small', cache: 'opfs', offline: true})).toBe(hashes.small);
    const page = await openPage();
    await page.evaluate('delete FileSystemFileHandle.prototype.createWritable');
    expect(await read(page, {file: 'small', cache: 'opfs'})).toContain('files of OPFS cannot be written here');
    expect(await read(page, {file: 'small'})).toBe(hashes.small);
    expect(await read(page, {file: 'small', cache: 'cache-storage', offline: true})).toBe(hashes.small);
    await page.evaluate('delete globalThis.caches');
    expect(await read(page, {file: 'small'})).toBe(hashes.small);
    expect(await read(page, {file: 'small', cache: 'elsewhere'})).toContain('expected opfs, cache-storage or false');
  });

  it('reads in a worker', async () => {
    const page = await openPage();
    const length = await page.evaluate(
      (endpoint) =>
        new Promise((resolve) => {
          const worker = new Worker('/worker.js', {type: 'module'});
          worker.onmessage = ({data}) => resolve(data);
          worker.postMessage(endpoint);
        }),
      server.endpoint,
    );
    expect(length).toBe(small.length);
    expect(await read(page, {file: 'small', cache: 'opfs', offline: true})).toBe(hashes.small);
  });

  it('tries again, sends the token, and says what is wrong', async () => {
    const page = await openPage();
    server.plan(/hub/, {status: 503}, {status: 429});
    expect(await read(page, {file: 'small', cache: false})).toBe(hashes.small);
    const id = 'some-owner/private';
    expect(await read(page, {id, file: 'small'})).toContain('there is no such model; if it is private, give a token');
    expect(await read(page, {id, file: 'small', token: 'hf_x'})).toBe(hashes.small);
    expect(await read(page, {file: 'none'})).toContain(
      'there is no such file in "main", expected one of ["large","small"]',
    );
    await server.stop();
    expect(await read(page, {file: 'large', retries: 2})).toMatch(/Failed to fetch.*given up after 3 tries/);
    server = await startHubServer();
  });
});
