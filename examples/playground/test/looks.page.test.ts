import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';
import type {AxeResults} from 'axe-core';
import {expect, test} from 'vitest';
import {Reader, useSite} from './open-page.js';

const site = useSite();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
/** What may come over the line before the model does. */
const MOST_CODE = 600_000;

test.each(['light', 'dark'] as const)(
  'has no serious fault for those who see or use it otherwise, %s',
  async (colorScheme) => {
    const reader = await Reader.open(site);
    const {page} = reader;
    await page.emulateMedia({colorScheme});
    await page.getByLabel('Tokens a step').fill('64');
    await page.getByLabel('Steps', {exact: true}).fill('5');
    await page.getByRole('button', {name: 'Start'}).click();
    await page.getByText('Taught in 5 steps').waitFor();
    await page.getByText('Paste pairs').click();
    for (const width of [1280, 390]) {
      await page.setViewportSize({width, height: 800});
      // Not as a script of the page, which its policy would refuse.
      await page.evaluate(axe);
      const {violations} = await page.evaluate<AxeResults>('axe.run()');
      const found = violations.map(
        ({id, impact, nodes}) => `${impact} ${id}: ${nodes.map(({html}) => html).join(' ')}`,
      );
      expect(found, `${width} pixels`).toEqual([]);
      expect(
        await page.evaluate('document.documentElement.scrollWidth'),
        'nothing is wider than the page',
      ).toBeLessThanOrEqual(width);
    }
    await reader.close();
  },
);

test('can be used by keyboard alone', async () => {
  const reader = await Reader.open(site);
  const {page} = reader;
  await page.locator('#question').focus();
  const focused = () =>
    page.evaluate(
      () =>
        document.activeElement?.id ||
        document.activeElement?.getAttribute('aria-label') ||
        document.activeElement?.textContent ||
        '',
    );
  const reached: string[] = [];
  for (let i = 0; i < 40 && !reached.includes('rate'); i++) {
    await page.keyboard.press('Tab');
    reached.push(await focused());
    if (reached.at(-1) === 'budget') {
      const before = await page.locator('[data-budget]').innerText();
      await page.keyboard.press('ArrowLeft');
      expect(await page.locator('[data-budget]').innerText()).not.toBe(before);
    }
  }
  expect(reached).toEqual(expect.arrayContaining(['English 1', 'German 1', 'budget', 'method', 'rate', 'Start']));
  await reader.close();
});

test('its code is small, comes from here, and waits for nothing before it draws', async () => {
  const context = await site.browser?.newContext();
  if (!context) throw new Error('there is no browser');
  const page = await context.newPage();
  const code: {name: string; bytes: number}[] = [];
  const reading: Promise<void>[] = [];
  context.on('response', (response) => {
    const name = new URL(response.url()).pathname;
    if (!name.endsWith('.js')) return;
    reading.push(response.body().then((body) => void code.push({name, bytes: gzipSync(body).length})));
  });
  const response = await page.goto(`${site.address}?backend=wasm`);
  expect(response?.headers()).toMatchObject({
    'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  });
  // What the server sends draws by itself: the script is a module, which waits until the page is parsed.
  expect(await response?.text()).toMatch(/<h1>/);
  expect(await page.locator('head script:not([type=module])').count()).toBe(0);
  await page.locator('[data-answer=seed][data-of]').waitFor();
  await Promise.all(reading);
  const bytes = code.reduce((sum, one) => sum + one.bytes, 0);
  console.log(`code before the model, compressed: ${bytes} bytes in ${code.length} files`);
  expect(bytes).toBeGreaterThan(100_000);
  expect(bytes).toBeLessThanOrEqual(MOST_CODE);
  await context.close();
});

// The pictures of README.md: `npm run pictures`.
test.runIf(process.env.PICTURES)('is photographed', async () => {
  const reader = await Reader.open(site);
  const {page} = reader;
  await page.getByRole('button', {name: 'Start'}).click();
  await page.getByText('Taught in 60 steps').waitFor();
  await page.getByRole('button', {name: 'Close'}).click();
  await reader.ask('Are you tired?', 'tuned');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({colorScheme});
    for (const width of [1280, 390]) {
      await page.setViewportSize({width, height: 800});
      // Plots are drawn anew for the width that they have.
      await page.waitForTimeout(1500);
      const path = fileURLToPath(new URL(`../pictures/${colorScheme}-${width}.png`, import.meta.url));
      await page.screenshot({path, fullPage: true});
    }
  }
  await reader.close();
});
