import {readFileSync} from 'node:fs';
import {expect, it} from 'vitest';
import {read} from './index.js';

it.each(['config.json', 'tokenizer.json', 'model.safetensors'])('gives %s as the checkpoint has it', async (name) => {
  const expected = readFileSync(new URL(`../checkpoint/${name}`, import.meta.url));
  const bytes = await read(name);
  expect(Buffer.compare(bytes, expected)).toBe(0);
  bytes.fill(0);
  expect(Buffer.compare(await read(name), expected)).toBe(0);
});

it.each(['weights.bin', '../config.json', 'toString'])('has no file %s', async (name) => {
  await expect(read(name)).rejects.toThrow(`tiny-translator has no file ${name}, expected one of config.json, `);
});
