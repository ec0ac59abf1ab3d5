import {expect, test} from 'vitest';
import {Reader, useSite} from './open-page.js';

// An address of no one, which Chromium takes for this machine: as a page of another machine of the same network.
const ADDRESS = '192.0.2.1';
const site = useSite({headers: false, args: [`--host-resolver-rules=MAP ${ADDRESS} 127.0.0.1`, '--no-proxy-server']});

test('a page by plain http translates, and says that it can keep nothing', async () => {
  site.address = site.address.replace('127.0.0.1', ADDRESS);
  const reader = await Reader.open(site);
  const {page} = reader;
  expect(await page.evaluate('crypto.subtle')).toBeUndefined();
  expect(await page.getByRole('alert').count()).toBe(0);
  expect(await reader.ask('Are you tired?')).toBe('Bist du müde?');
  expect(await page.getByText(/Nothing can be kept.*SHA-256/).count()).toBe(1);
  await page.getByRole('button', {name: 'Start'}).click();
  await expect.poll(() => page.getByRole('alert').innerText()).toMatch(/could not be kept.*no SHA-256.*https/s);
  await reader.close();
});
