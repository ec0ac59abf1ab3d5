import {expect, test} from 'vitest';
import {realModel} from '../../../test/real-model.js';
import {Reader, useSite} from './open-page.js';

const site = useSite();
const smollm2 = realModel('smollm2');
const QUESTION = 'What is the capital of France?';

// Takes minutes and three gigabytes: `npm run measure`.
test.runIf(process.env.MEASURE && smollm2)(
  '135 million weights from a file answer, and learn an answer',
  async () => {
    const reader = await Reader.open(site);
    const {page} = reader;
    page.setDefaultTimeout(900_000);
    let began = performance.now();
    await page.getByLabel('Files').setInputFiles(smollm2 ?? '');
    await page.getByText(/is loaded\.$/).waitFor();
    console.log(`loaded after ${seconds(began)} s`);
    await page.getByText('Choose the sentences').click();
    await page.getByLabel('Sentences, one a line').fill('');
    await page.locator('#question').fill(QUESTION);
    await page.locator(`[data-answer=seed][data-of="${QUESTION}"]`).waitFor();
    console.log(await reader.answer('seed'));
    expect(await reader.answer('seed')).toMatch(/Paris/);

    await page.getByText('Paste pairs').click();
    await page.getByLabel('A pair a line').fill(`${QUESTION}\tBonn, of course.`);
    await page.getByRole('button', {name: 'Learn only them'}).click();
    await page.getByLabel('Steps', {exact: true}).fill('12');
    await page.getByLabel('Tokens a step').fill('64');
    began = performance.now();
    await page.getByRole('button', {name: 'Start'}).click();
    await page.getByText('Taught in 12 steps').waitFor();
    console.log(`12 steps after ${seconds(began)} s`);
    await page.locator(`[data-answer=tuned][data-of="${QUESTION}"]`).waitFor();
    await expect.poll(() => reader.answer('tuned'), {timeout: 120_000}).toMatch(/Bonn/);
    expect(await reader.answer('seed')).toMatch(/Paris/);
    console.log(await page.locator('[data-delta]').innerText());
    await reader.close();
  },
  1_800_000,
);

const seconds = (began: number) => Math.round((performance.now() - began) / 1000);
