import {fileURLToPath} from 'node:url';
import {chromium, type Page} from 'playwright';
import {createServer} from 'vite';
import type {MatMulRow} from './mat-mul.js';
import type {Grid, Row} from './rows.js';

/** By the software renderer, so that no GPU is needed. */
const FLAGS = ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

declare global {
  /** Tells the process that opened the page. */
  function onRow(row: Row): Promise<void>;
}

/**
 * Asks a question on webgl in headless Chromium, Debian's or the one that the environment's `CHROMIUM` names. Its words
 * go to the standard error.
 */
export async function askInChromium(
  question: string,
  {onRow, ...grid}: Omit<Grid, 'device' | 'inARow'>,
): Promise<void> {
  await inPage('in-page', async (page, script) => {
    await page.exposeFunction('onRow', onRow);
    await page.evaluate(
      async ({script, question, grid}) => {
        const {ask}: typeof import('./in-page.js') = await import(script);
        await ask(question, {...grid, onRow: (row) => globalThis.onRow(row)});
      },
      {script, question, grid},
    );
  });
}

/** Measures the products of {@link matMul} on wasm in headless Chromium, on so many threads. */
export async function matMulInChromium(threads: number): Promise<MatMulRow[]> {
  return inPage('mat-mul-in-page', async (page, script) => {
    page.on('console', (message) => message.type() === 'log' && console.log(message.text()));
    // tfjs takes at most half as many.
    await page.addInitScript(`Object.defineProperty(navigator, 'hardwareConcurrency', {value: ${2 * threads}})`);
    await page.reload();
    const wasm = new URL('.', import.meta.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm'));
    return page.evaluate(
      async ({script, wasm, threads}) => {
        const {matMulOnThreads}: typeof import('./mat-mul-in-page.js') = await import(script);
        return matMulOnThreads(wasm, threads);
      },
      {script, wasm: `/@fs${fileURLToPath(wasm)}`, threads},
    );
  });
}

/** Opens an isolated page, into which one of our scripts can be imported, and closes all after use. */
async function inPage<Result>(name: string, use: (page: Page, script: string) => Promise<Result>): Promise<Result> {
  const server = await createServer({
    configFile: false,
    root: fileURLToPath(new URL('..', import.meta.url)),
    logLevel: 'warn',
    // Known beforehand, for a dependency that turned up later would reload the page.
    optimizeDeps: {entries: ['dist/in-page.js', 'dist/mat-mul-in-page.js']},
    server: {
      // A build meanwhile must not reload the page.
      watch: null,
      hmr: false,
      // Without isolation the page's clock has steps of 0.1 ms, and wasm no threads.
      headers: {'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp'},
    },
  });
  try {
    await server.listen();
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [...FLAGS, '--js-flags=--expose-gc'],
    });
    try {
      const page = await browser.newPage();
      page.on('console', (message) => {
        if (message.type() === 'warning' || message.type() === 'error') console.warn(message.text());
      });
      await page.goto(server.resolvedUrls?.local[0] ?? '');
      return await use(page, `/dist/${name}.js`);
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}
