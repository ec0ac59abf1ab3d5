import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {readSafetensors, writeSafetensors} from '@subset-tuning/safetensors';
import {describe, expect, test} from 'vitest';
import {Reader, useSite} from './open-page.js';

const golden = new URL('../../../packages/models/golden/tiny-llama/', import.meta.url);
const config: Record<string, unknown> = JSON.parse(readFileSync(new URL('config.json', golden), 'utf8'));
/** What a model of random weights answers has few letters. */
const QUESTION = 'Hello';

/** Loads a small model from files, with this configuration, and fills the table with pairs. */
async function prepare(reader: Reader, files: string[], pairs: string[], tokensPerStep: number): Promise<void> {
  const {page} = reader;
  await page.getByLabel('Files').setInputFiles(files);
  await page.getByText(/is loaded\.$/).waitFor();
  await page.getByText('Paste pairs').click();
  const buffer = Buffer.from(`${pairs.join('\n')}\n`);
  await page.getByLabel('A file of tab-separated').setInputFiles({name: 'pairs.tsv', mimeType: 'text/plain', buffer});
  await page.getByText(`${pairs.length.toLocaleString('en')} pairs to learn from`).waitFor();
  // Such a model never ends its answers; by software each takes seconds.
  await page.getByText('Choose the sentences').click();
  await page.getByLabel('Sentences, one a line').fill('');
  await page.getByLabel('Tokens a step').fill(String(tokensPerStep));
  await page.getByLabel('Steps', {exact: true}).fill('10000');
}

/** The files of the golden model, with another configuration and weights. */
function write(folder: string, changed: Record<string, unknown>, weights: Uint8Array): string[] {
  const files = {
    'config.json': JSON.stringify({...config, ...changed}),
    'tokenizer.json': readFileSync(new URL('tokenizer.json', golden)),
    'model.safetensors': weights,
  };
  return Object.entries(files).map(([name, content]) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  });
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'model-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, {recursive: true});
  }
}

const weights = () => readFileSync(new URL('model.safetensors', golden));

describe('where a graphics device is lost', () => {
  const site = useSite({args: ['--disable-domain-blocking-for-3d-apis', '--disable-gpu-process-crash-limit']});

  test.each(['webgl', 'webgpu'])('training goes on from where it was kept, on %s', async (backend) => {
    await inFolder(async (folder) => {
      const reader = await Reader.open(site, backend);
      const {page} = reader;
      await prepare(reader, write(folder, {}, weights()), ['Hello\tWorld'], 64);
      await page.locator('#question').fill('');
      await page.getByRole('button', {name: 'Start'}).click();
      await expect.poll(() => reader.number('Step')).toBeGreaterThan(11);
      // As when a driver fails: every device of the browser is gone.
      const browser = await site.browser?.newBrowserCDPSession();
      await browser?.send('Browser.crashGpuProcess');
      await expect
        .poll(() => page.getByRole('alert').innerText())
        .toMatch(/device was lost.*up to step \d+0 is kept: go on from there/s);
      const goOn = page.getByRole('button', {name: /^Go on from step \d+0$/});
      const reached = await reader.number('Step');
      await goOn.click();
      // Stopped at once, what was learnt before is what is kept.
      if (backend === 'webgpu') await expect.poll(() => reader.number('Step')).toBeGreaterThan(reached);
      await page.getByRole('button', {name: 'Stop'}).click();
      await page.getByText(/Taught in \d+ steps/).waitFor();
      expect(await page.locator('[data-delta]').count()).toBe(1);
      expect(await page.locator('[data-backend]').innerText()).toBe(backend);
      reader.expectErrors(/context lost|device|GPU/i);
      await reader.close();
    });
  });
});

describe('where memory is full', () => {
  // An engine that gives wasm 128 MiB. Threads would ask for all of 4 GiB beforehand.
  const site = useSite({headers: false, args: ['--js-flags=--wasm-max-mem-pages=2048']});

  test('a step that is too large is told, and what was learnt before is kept', async () => {
    await inFolder(async (folder) => {
      const reader = await Reader.open(site);
      const {page} = reader;
      // Attention over so many tokens at once takes more than there is; those of the other steps are as many, in short texts.
      const pairs = [`${'a '.repeat(3000)}\tWorld`, ...Array.from({length: 12_000}, () => 'Hello\tWorld')];
      await prepare(reader, write(folder, {max_position_embeddings: 10_000}, weights()), pairs, 64);
      await page.getByRole('button', {name: 'Start'}).click();
      await expect
        .poll(() => page.getByRole('alert').innerText())
        .toMatch(/has no room.*up to step \d+0 is kept.*Memory ran out: take fewer tokens a step/s);
      await page.getByRole('button', {name: /^Keep what was learnt up to step \d+0$/}).click();
      await page.getByText(/\d+0 steps, shrinking was applied in/).waitFor();
      await reader.ask(QUESTION, 'tuned');
      await reader.close();
    });
  });
});

describe('with a model too large for a copy of it', () => {
  const site = useSite();

  test('the seed answers beside it, and of a training that is cut off the delta is kept', async () => {
    await inFolder(async (folder) => {
      const width = 220_000;
      const files = write(folder, {intermediate_size: width}, widened(width));
      const reader = await Reader.open(site);
      const {page} = reader;
      await prepare(reader, files, ['Hello\tWorld'], 64);
      const seed = await reader.ask(QUESTION);
      await page.getByRole('button', {name: 'Start'}).click();
      await expect.poll(() => reader.number('Step')).toBeGreaterThan(11);
      expect(await reader.answer('seed')).toBe(seed);
      await reader.visit('wasm');
      const keepIt = page.getByRole('button', {name: 'Keep what was learnt up to step 10'});
      await keepIt.click();
      await expect.poll(() => page.getByRole('alert').innerText()).toMatch(/Load that model first/);
      await page.getByLabel('Files').setInputFiles(files);
      await page.getByText(/is loaded\.$/).waitFor();
      expect(await page.getByRole('button', {name: /^Go on from/}).count()).toBe(0);
      await keepIt.click();
      await page.getByText(/10 steps, shrinking was applied in/).waitFor();
      await reader.ask(QUESTION, 'tuned');
      expect(await reader.answer('seed')).toBe(seed);
      await reader.close();
    });
  });
});

/** The golden model's weights, its feed-forward layers of another width, with random ones. */
function widened(width: number): Uint8Array {
  const tensors = new Map(readSafetensors(weights()).tensors);
  for (const [name, {shape}] of tensors) {
    if (!name.includes('.mlp.')) continue;
    const wide = shape.map((size) => (size === config.intermediate_size ? width : size));
    const values = Float32Array.from({length: 16 * width}, (_, i) => Math.sin(i * i) / 400);
    tensors.set(name, {dtype: 'F32', shape: wide, data: new Uint8Array(values.buffer)});
  }
  return writeSafetensors({tensors});
}
