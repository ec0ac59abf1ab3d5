import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {loadModel} from '@subset-tuning/models';
import {read} from '@subset-tuning/tiny-translator';
import '@tensorflow/tfjs';
import {expect, test} from 'vitest';
import {Reader, useSite} from './open-page.js';

const site = useSite();

/** A few pairs, so that the loss falls within as many steps as a software renderer can take. */
const PAIRS = [
  ['Where do you live?', 'Wo leben Sie?'],
  ['Are you happy?', 'Sind Sie glücklich?'],
  ['Do you work here?', 'Arbeiten Sie hier?'],
  ['What are you doing?', 'Was machen Sie?'],
];
/** What the page asks first: by software each length of a text costs shaders of its own. */
const QUESTION = 'Where do you live?';

// By software a GPU's step takes seconds, most of them for shaders that are compiled at first.
test.each([
  ['wasm', 12],
  ['webgl', 4],
  ['webgpu', 4],
] as const)('a reader on %s teaches, pauses, keeps, comes back and reverts', async (backend, steps) => {
  const reader = await Reader.open(site, backend);
  const {page} = reader;
  expect(await page.locator('[data-backend]').innerText()).toMatch(backend);
  const seed = await reader.ask(QUESTION);
  expect(seed).toBe('Wo lebst du?');
  const fingerprint = () => page.locator('[data-fingerprint]').getAttribute('data-fingerprint');
  expect(await fingerprint()).toBe(await seedFingerprint());

  await page.getByText('Paste pairs').click();
  await page.getByLabel('A pair a line').fill(PAIRS.map((pair) => pair.join('\t')).join('\n'));
  await page.getByRole('button', {name: 'Learn only them'}).click();
  await page.getByText('4 pairs to learn from').waitFor();
  await page.getByText('Choose the sentences').click();
  await page.getByLabel('Sentences, one a line').fill(QUESTION);
  await page.getByLabel('Tokens a step').fill('64');
  await page.getByLabel('Learning rate').fill('0.02');
  await page.getByLabel('Steps', {exact: true}).fill(String(steps));
  await page.getByRole('button', {name: 'Start'}).click();
  await page.locator('[data-number=Loss]').waitFor();
  const loss = await reader.number('Loss');
  await page.getByRole('button', {name: 'Pause'}).click();
  await page.getByRole('button', {name: 'Go on'}).click();
  await page.getByText(`Taught in ${steps} steps`).waitFor();
  expect(await reader.number('Loss')).toBeLessThan(loss);
  expect(await reader.number('Tokens a second')).toBeGreaterThan(0);
  expect(await page.getByRole('img', {name: /^Changed weights: embedding/}).count()).toBe(1);
  await expect.poll(() => page.locator('.plot svg').count()).toBe(2);
  const tuned = await reader.ask(QUESTION, 'tuned');
  expect(tuned).toContain('Sie');
  expect(await reader.answer('seed')).toBe(seed);
  const taught = await fingerprint();
  expect(taught).not.toBe(await seedFingerprint());

  const downloading = page.waitForEvent('download');
  await page.getByRole('button', {name: /^Download/}).click();
  const file = await (await downloading).path();
  const {length} = await readFile(file);
  expect(length).toBeGreaterThan(10_000);
  expect(length).toBeLessThan(200_000);

  // What was kept is there again, and on the model.
  await reader.visit(backend);
  expect(await reader.ask(QUESTION, 'tuned')).toBe(tuned);
  expect(await fingerprint()).toBe(taught);
  await page.getByText('4 pairs to learn from').waitFor();
  expect(await page.getByLabel('Sentences, one a line').inputValue()).toBe(QUESTION);
  await page.getByLabel('Nothing: the seed').click();
  await page.getByText(/Reverted to the seed in [\d.]+ ms/).waitFor();
  expect(await reader.ask(QUESTION)).toBe(seed);
  expect(await fingerprint()).toBe(await seedFingerprint());
  // From the file, as another browser would take it.
  await page.getByRole('button', {name: /^Remove \d+ steps/}).click();
  await page.getByLabel('Load a delta from a file').setInputFiles({
    name: 'mine.delta.safetensors',
    mimeType: 'application/octet-stream',
    buffer: await readFile(file),
  });
  await page.getByText(/mine.delta.safetensors was applied in [\d.]+ ms/).waitFor();
  expect(await reader.ask(QUESTION, 'tuned')).toBe(tuned);
  expect(await fingerprint()).toBe(taught);
  await reader.close();
});

/** The SHA-256 of the seed's weights, one after the other, as Node reads them. */
async function seedFingerprint(): Promise<string> {
  const model = await loadModel('tiny-translator', {read});
  const hash = createHash('sha256');
  for (const weight of model.weights.values()) hash.update(Buffer.from((await weight.data()).buffer));
  model.dispose();
  return hash.digest('hex');
}
