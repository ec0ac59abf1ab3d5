import {fileURLToPath} from 'node:url';
import {writeDelta} from '@subset-tuning/deltas';
import {expect, test} from 'vitest';
import {Reader, useSite} from './open-page.js';

const site = useSite();
const bytes = (text: string) => ({mimeType: 'application/octet-stream', buffer: Buffer.from(text)});

test('what is wrong is told, and the page goes on', async () => {
  const reader = await Reader.open(site);
  const {page} = reader;
  const alert = page.getByRole('alert');

  await page.getByText('Paste pairs').click();
  const table = page.getByText('3,027 pairs to learn from');
  await page
    .getByLabel('A file of tab-separated')
    .setInputFiles({name: 'broken.tsv', ...bytes('Go.\tGehen Sie.\nno tab\n')});
  await expect.poll(() => alert.innerText()).toMatch(/the table is as before.*line 2/s);
  expect(await table.count()).toBe(1);

  const delta = page.getByLabel('Load a delta from a file');
  await delta.setInputFiles({name: 'no.safetensors', ...bytes('no delta')});
  await expect.poll(() => alert.innerText()).toMatch(/no.safetensors was not taken, all is as before/);
  const other = writeDelta({
    base: 'another-model',
    tensors: [
      {
        ...{name: 'model.norm.weight', shape: [160], positions: Uint32Array.of(1), values: Float32Array.of(1)},
        seedSha256: '0'.repeat(64),
      },
    ],
    tunedSha256: '0'.repeat(64),
  });
  await delta.setInputFiles({
    name: 'other.safetensors',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(other),
  });
  await expect.poll(() => alert.innerText()).toMatch(/other.safetensors was not taken.*belongs to another model/s);
  expect(await page.locator('[data-delta]').count()).toBe(0);

  await page.getByLabel('Files').setInputFiles({name: 'no-model.gguf', ...bytes('not a model')});
  await expect.poll(() => alert.innerText()).toMatch(/The model could not be loaded.*gguf/s);

  expect(await reader.ask('Are you tired?')).toBe('Bist du müde?');
  await reader.close();
});

test('a model from files answers prompts, and can be taught', async () => {
  const reader = await Reader.open(site);
  const {page} = reader;
  const folder = new URL('../../../packages/models/golden/tiny-llama/', import.meta.url);
  const names = ['config.json', 'tokenizer.json', 'model.safetensors'];
  await page.getByLabel('Files').setInputFiles(names.map((name) => fileURLToPath(new URL(name, folder))));
  await page.getByText(/is loaded\.$/).waitFor();
  expect(await page.locator('[data-budget]').innerText()).toMatch(/ of \d,\d+ weights/);
  await page.getByLabel('Prompt', {exact: true}).fill('Hello');
  await page.getByText('Paste pairs').click();
  await page.getByLabel('A pair a line').fill('Hello\tWorld');
  await page.getByRole('button', {name: 'Learn only them'}).click();
  await page.getByLabel('Steps', {exact: true}).fill('3');
  await page.getByRole('button', {name: 'Start'}).click();
  await page.getByText('Taught in 3 steps').waitFor();
  await page.getByRole('button', {name: 'The translator again'}).click();
  await page.getByLabel('English', {exact: true}).waitFor();
  expect(await reader.ask('Are you tired?')).toBe('Bist du müde?');
  await reader.close();
});

test('a training that is cut off goes on from where it was kept', async () => {
  const reader = await Reader.open(site);
  const {page} = reader;
  await page.getByLabel('Tokens a step').fill('128');
  await page.getByLabel('Steps', {exact: true}).fill('200');
  await page.getByRole('button', {name: 'Start'}).click();
  await expect.poll(() => reader.number('Step')).toBeGreaterThan(12);
  // As when the browser is closed.
  await reader.visit('wasm');
  await page.getByRole('button', {name: /Go on from step \d+0/}).click();
  await expect.poll(() => page.locator('[data-number=Step]').count()).toBe(1);
  expect(await reader.number('Step')).toBeGreaterThan(10);
  await page.getByRole('button', {name: 'Stop'}).click();
  await page.getByText(/Taught in \d+ steps/).waitFor();
  await reader.ask('Are you tired?', 'tuned');
  await page.getByLabel('Nothing: the seed').click();
  expect(await reader.ask('Are you tired?')).toBe('Bist du müde?');
  await reader.close();
});

test('a lost device is told, and the page goes on with another backend', async () => {
  const reader = await Reader.open(site, 'webgl');
  const {page} = reader;
  for (const worker of page.workers()) {
    await worker.evaluate(() => {
      const {useProgram} = WebGL2RenderingContext.prototype;
      WebGL2RenderingContext.prototype.useProgram = function (program) {
        this.getExtension('WEBGL_lose_context')?.loseContext();
        WebGL2RenderingContext.prototype.useProgram = useProgram;
        useProgram.call(this, program);
      };
    });
  }
  await page.getByLabel('Tokens a step').fill('64');
  await page.getByRole('button', {name: 'Start'}).click();
  await expect.poll(() => page.getByRole('alert').innerText()).toMatch(/device was lost.*another/s);
  await page.getByLabel(/^wasm/).click();
  await expect.poll(() => page.locator('[data-backend]').innerText()).toMatch(/wasm/);
  expect(await reader.ask('Are you tired?')).toBe('Bist du müde?');
  await reader.close();
});
