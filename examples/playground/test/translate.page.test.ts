import {expect, test} from 'vitest';
import {Reader, useSite} from './open-page.js';

const site = useSite();

test('translates what is typed', async () => {
  const reader = await Reader.open(site);
  expect(await reader.answer('seed')).toBe('Wo lebst du?');
  await reader.page.getByLabel('English', {exact: true}).fill('Are you tired?');
  await expect.poll(() => reader.answer('seed')).toBe('Bist du müde?');
  expect(await reader.page.evaluate(() => crossOriginIsolated)).toBe(true);
  await reader.close();
});
