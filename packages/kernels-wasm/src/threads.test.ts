import {createReadStream} from 'node:fs';
import {createServer, type Server} from 'node:http';
import {createRequire} from 'node:module';
import type {AddressInfo} from 'node:net';
import {fileURLToPath} from 'node:url';
import * as esbuild from 'esbuild';
import {type Browser, chromium, type Page} from 'playwright';
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest';
import {launchOptions} from '../../../test/backends/chromium.js';

/** What the page can do, in `SCRIPT`. */
interface OfPage {
  /** Starts the backend with so many threads and ours, and says how many it has, and how many of ours there are then. */
  start(threads: number): Promise<{backend: number; ours: number}>;
  /** The largest difference from the cpu backend, and how many products went over the threads. */
  errorOf(
    a: number[],
    b: number[],
    transposeA: boolean,
    transposeB: boolean,
  ): Promise<{error: number; threaded: number}>;
  /** Of so many calls, those that the page's own thread made while it waited in each for another's; -1 unless all were. */
  ownOf(calls: number): number;
}

const SCRIPT = `
import * as tf from '@tensorflow/tfjs';
import {setThreadsCount, setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import {register} from './register.js';
import {threadsOfProducts} from './mat-mul.js';
import {Threads} from './threads.js';

const {run} = Threads.prototype;
let runs = 0;
Threads.prototype.run = function (...given) {
  runs++;
  run.apply(this, given);
};
const product = (a, b, ...transpose) => tf.matMul(a, b, ...transpose);
globalThis.page = {
  async start(threads) {
    setWasmPaths('/');
    setThreadsCount(threads);
    if (!(await tf.setBackend('wasm'))) throw new Error('wasm did not start');
    register({replace: ['BatchMatMul']});
    const ours = threadsOfProducts(tf.backend());
    for (let turn = 0; turn < 600 && ours && ours.size < threads; turn++) await new Promise((then) => setTimeout(then, 100));
    return {backend: tf.backend().wasm.tfjs.getThreadsCount(), ours: ours?.size ?? 0};
  },
  async errorOf(aShape, bShape, ...transpose) {
    runs = 0;
    const [a, b] = [tf.randomNormal(aShape, 0, 1, 'float32', 1), tf.randomNormal(bShape, 0, 1, 'float32', 2)];
    const found = product(a, b, ...transpose);
    const values = await found.data();
    await tf.setBackend('cpu');
    const expected = product(a, b, ...transpose);
    const error = tf.max(tf.abs(tf.sub(tf.tensor(values, found.shape), expected))).dataSync()[0];
    await tf.setBackend('wasm');
    tf.dispose([a, b, found, expected]);
    return {error, threaded: runs};
  },
  ownOf(count) {
    const threads = threadsOfProducts(tf.backend());
    // A product of one number by one number each, all lying in one tensor.
    const x = tf.ones([3, count]);
    const at = tf.backend().dataIdMap.get(x.dataId).memoryOffset;
    const c = new Float32Array(tf.backend().wasm.wasmMemory.buffer, at + 8 * count, count).fill(0);
    const calls = Array.from(c, (_, i) => {
      const [a, b] = [at + 4 * i, at + 4 * (count + i)];
      return [a, 4, 0, b, 4, 0, at + 4 * (2 * count + i), 4, 0, 1, 1, 1, 1, 0, 0, 0];
    });
    let own = 0;
    const until = performance.now() + 60_000;
    threads.run(calls, (...numbers) => {
      own++;
      c[(numbers[6] - at) / 4 - 2 * count] = 1;
      while (c.reduce((sum, x) => sum + x) <= own && performance.now() < until);
    }, {scratch: at, scratchBytes: 0, threads: threads.size});
    const all = c.every((x) => x === 1);
    x.dispose();
    return all ? own : -1;
  },
};
`;

/** Chromium; without it nothing here runs, unless `REQUIRE_BACKENDS` names a backend that runs there. */
const browser = await chromium.launch(launchOptions).catch((error: unknown): Browser | undefined => {
  if (/\bwebgl|-chromium/.test(process.env.REQUIRE_BACKENDS ?? '')) throw error;
  return undefined;
});

let server: Server;
let page: Page;
beforeAll(async () => {
  const {outputFiles} = await esbuild.build({
    stdin: {contents: SCRIPT, resolveDir: fileURLToPath(new URL('.', import.meta.url))},
    bundle: true,
    format: 'esm',
    mainFields: ['module', 'main'],
    external: ['fs', 'path', 'os', 'perf_hooks', 'util', 'crypto', 'worker_threads'],
    write: false,
  });
  const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  server = createServer(({url = ''}, response) => {
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    response.setHeader('content-security-policy', "script-src 'self' 'wasm-unsafe-eval' blob:"); // as in docs/browser.md
    if (/^\/[\w-]+\.wasm$/.test(url)) {
      response.setHeader('content-type', 'application/wasm');
      createReadStream(new URL(`.${url}`, `file://${wasm}`)).pipe(response);
      return;
    }
    response.setHeader('content-type', url === '/page.js' ? 'text/javascript' : 'text/html');
    response.end(
      url === '/page.js' ? outputFiles[0].text : '<!doctype html><script type="module" src="/page.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await browser?.close();
});
afterEach(() => page?.close());

/** Calls what the page can do. */
function ask<Name extends keyof OfPage>(
  name: Name,
  ...given: Parameters<OfPage[Name]>
): Promise<Awaited<ReturnType<OfPage[Name]>>> {
  return page.evaluate(
    ([name, given]) => {
      const {page} = globalThis as unknown as {page: Record<string, (...given: unknown[]) => unknown>};
      return page[name](...given);
    },
    [name, given] as const,
  ) as Promise<Awaited<ReturnType<OfPage[Name]>>>; // what the page's function of this name gives
}

async function open(): Promise<void> {
  if (!browser) throw new Error('there is no Chromium');
  page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  // tfjs takes at most half as many threads.
  await page.addInitScript("Object.defineProperty(navigator, 'hardwareConcurrency', {value: 8})");
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction('globalThis.page');
}

describe.skipIf(!browser)('in an isolated page', () => {
  it('products go over as many threads as the backend has, and are right', async () => {
    await open();
    expect(await ask('start', 3)).toEqual({backend: 3, ours: 3});
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        for (const [outer, m, k, n] of [
          [[], 260, 130, 130],
          [[], 33, 300, 1501],
          [[], 1501, 300, 33],
          [[], 70, 231, 261],
          [[2], 151, 120, 121],
          [[7], 90, 80, 90],
          [[3, 4], 75, 74, 73],
          [[], 1, 2101, 2003],
          [[], 9, 700, 701],
        ] as const) {
          const a = [...outer, ...(transposeA ? [k, m] : [m, k])];
          const b = [...outer, ...(transposeB ? [n, k] : [k, n])];
          const {error, threaded} = await ask('errorOf', a, b, transposeA, transposeB);
          expect(threaded, `${a} ${b}`).toBe(1);
          expect(error, `${a} ${b}`).toBeLessThan(1e-6 * k);
        }
      }
    }
    // Broadcast, so that the module is called several times.
    const {error, threaded} = await ask('errorOf', [2, 3, 120, 130], [1, 3, 130, 101], false, false);
    expect(threaded).toBeGreaterThan(1);
    expect(error).toBeLessThan(1e-4);
    expect((await ask('errorOf', [100, 100], [100, 100], true, false)).threaded).toBe(0);
  });

  it('the other threads take what the page’s own does not', async () => {
    await open();
    await ask('start', 2);
    const own = await ask('ownOf', 8);
    expect(own).toBeGreaterThanOrEqual(0);
    expect(own).toBeLessThan(8);
  });

  it('a page’s own thread is enough where the backend has one', async () => {
    await open();
    expect(await ask('start', 1)).toEqual({backend: 1, ours: 0});
    expect((await ask('errorOf', [101, 102], [103, 102], false, true)).error).toBeLessThan(1e-4);
  });
});
