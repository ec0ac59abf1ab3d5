import {fileURLToPath} from 'node:url';
import {chromium} from 'playwright';
import {createServer} from 'vite';
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
  const server = await createServer({
    configFile: false,
    root: fileURLToPath(new URL('..', import.meta.url)),
    logLevel: 'warn',
    // Known beforehand, for a dependency that turned up later would reload the page.
    optimizeDeps: {entries: ['dist/in-page.js']},
    server: {
      // A build meanwhile must not reload the page.
      watch: null,
      hmr: false,
      // Without isolation the page's clock has steps of 0.1 ms.
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
      await page.exposeFunction('onRow', onRow);
      await page.goto(server.resolvedUrls?.local[0] ?? '');
      await page.evaluate(
        async ({script, question, grid}) => {
          const {ask}: typeof import('./in-page.js') = await import(script);
          await ask(question, {...grid, onRow: (row) => globalThis.onRow(row)});
        },
        {script: '/dist/in-page.js', question, grid},
      );
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}
