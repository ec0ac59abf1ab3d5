import {expect, test} from 'vitest';
import {Reader, useSite} from './open-page.js';

const site = useSite();

test('a step is stopped, and what was learnt so far is kept; the page answers meanwhile', async () => {
  const reader = await Reader.open(site);
  const {page} = reader;
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  // The page's own tasks of 50 ms and more while it trains, and how late a timer of it comes.
  await page.evaluate(() => {
    const tasks: number[] = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({duration}) => duration))).observe({
      type: 'longtask',
    });
    Object.assign(globalThis, {tasks});
  });
  await page.getByLabel('Tokens a step').fill('512');
  await page.getByLabel('Steps', {exact: true}).fill('1000');
  await page.getByRole('button', {name: 'Start'}).click();
  await expect.poll(() => reader.number('Step')).toBeGreaterThan(11);
  const began = performance.now();
  await page.getByRole('button', {name: 'Stop'}).click();
  await page.getByText(/Taught in \d+ steps/).waitFor();
  const tasks = await page.evaluate<number[]>('tasks');
  console.log(
    `the page's tasks of 50 ms and more while it trained, in ms: ${tasks.map(Math.round).join(', ') || 'none'}; ` +
      `stopped and kept after ${Math.round(performance.now() - began)} ms`,
  );
  expect(await page.locator('[data-delta]').count()).toBe(1);
  await reader.close();
});

test('what the browser lacks is listed with its reason, and the fastest of the others is chosen', async () => {
  const reader = await Reader.open(site, 'measured');
  const {page} = reader;
  const notes = () =>
    page
      .locator('[data-backend-note]')
      .evaluateAll((all) => all.map((one) => [one.getAttribute('data-backend-note'), one.textContent]));
  await expect
    .poll(notes)
    .toSatisfy((all: string[][]) => all.every(([, note]) => /took|takes|not here/.test(note ?? '')));
  const times = (await notes()).flatMap(([name, note]) => {
    const time = /small step took ([\d.]+) ms/.exec(note ?? '')?.[1];
    return time === undefined ? [] : [{name, time: Number(time)}];
  });
  const fastest = times.toSorted((a, b) => a.time - b.time)[0]?.name ?? '';
  await expect.poll(() => page.locator('[data-backend]').innerText()).toMatch(fastest);
  console.log(await notes());
  await reader.close();
});
