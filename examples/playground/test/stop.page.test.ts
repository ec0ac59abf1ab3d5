import type {Page} from 'playwright';
import {describe, expect, test} from 'vitest';
import {Reader, useSite} from './open-page.js';

// A server that sends no headers, as GitHub Pages, gives the worker no memory that it shares with the page.
describe.each([
  ['isolated', true],
  ['not isolated', false],
] as const)('in a page that is %s', (_, isIsolated) => {
  const site = useSite({headers: isIsolated});

  test('a step is stopped before it is done', async () => {
    const reader = await Reader.open(site);
    const {page} = reader;
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(isIsolated);
    // Seconds long, so that it is the first step that is stopped, and by what it looks at: it hears no message.
    await page.getByLabel('Tokens a step').fill('4096');
    await page.getByRole('button', {name: 'Start'}).click();
    await isBusy(page);
    await page.getByRole('button', {name: 'Stop'}).click();
    await page.getByText('Nothing was learnt: no step was finished').waitFor();
    expect(await reader.ask('Are you tired?')).toBe('Bist du müde?');
    await reader.close();
  });
});

/** Waits until the worker of the model answers nothing for a second. */
async function isBusy(page: Page): Promise<void> {
  const worker = page.workers().find((one) => /\/worker-/.test(one.url()));
  const silence = () => new Promise((resolve) => setTimeout(resolve, 1000, 'silent'));
  while ((await Promise.race([worker?.evaluate('"here"'), silence()])) === 'here') await page.waitForTimeout(100);
}
