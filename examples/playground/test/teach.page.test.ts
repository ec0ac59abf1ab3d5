import {expect, test} from 'vitest';
import {Reader, useSite} from './open-page.js';

const site = useSite();

test('teaches for some steps, is paused, goes on and is stopped', async () => {
  const reader = await Reader.open(site);
  const {page} = reader;
  const number = async (name: string) => page.locator(`[data-number="${name}"]`).innerText();
  const step = async () =>
    Number.parseInt((await page.locator('[data-number=Step]').innerText()).split(' ')[0] ?? '', 10);
  await page.getByLabel('Tokens a step').fill('256');
  await page.getByLabel('Steps', {exact: true}).fill('400');
  await page.getByRole('button', {name: 'Start'}).click();
  await page.locator('[data-number=Loss]').waitFor();
  const loss = Number(await number('Loss'));
  await expect.poll(step, {timeout: 60_000}).toBeGreaterThan(10);
  await page.getByRole('button', {name: 'Pause'}).click();
  await page.getByRole('button', {name: 'Go on'}).waitFor();
  await expect
    .poll(async () => [await step(), await new Promise((resolve) => setTimeout(resolve, 500)).then(step)])
    .toSatisfy(([a, b]) => a === b);
  const paused = await step();
  await page.getByRole('button', {name: 'Go on'}).click();
  await expect.poll(step, {timeout: 60_000}).toBeGreaterThan(Math.max(paused, 20));
  expect(Number(await number('Loss'))).toBeLessThan(loss);
  expect(Number(await number('Tokens a second').then((text) => text.replaceAll(',', '')))).toBeGreaterThan(0);
  await expect.poll(() => page.getByRole('img', {name: /^Changed weights: embedding/}).count()).toBe(1);
  expect(await page.locator('.plot svg').count()).toBe(2);
  await page.getByRole('button', {name: 'Stop'}).click();
  await page.getByText(/Taught in \d+ steps/).waitFor();
  await page.getByLabel('English', {exact: true}).fill('Are you tired?');
  await expect.poll(() => reader.answer('tuned')).toBe('Sind Sie müde?');
  expect(await reader.answer('seed')).toBe('Bist du müde?');
  await reader.close();
});
