import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {type MetadataValue, readGguf} from '@subset-tuning/gguf';
import * as tf from '@tensorflow/tfjs';
import {describe, expect, it} from 'vitest';
import {hashesOf} from '../../golden/gguf-fixture.js';
import {loadModel} from '../index.js';
import {createTokenizer} from '../tokenizer.js';
import {configJson} from './config-json.js';
import {PRE_TOKENIZERS} from './pre-tokenizers.js';
import {readRotaryFactors} from './rotary-json.js';
import {tokenizerJson} from './tokenizer-json.js';

// The tiny model of each family, as llama.cpp's converter lays it out: see golden/make-gguf-families.py.

const pathOf = (file: string) => fileURLToPath(new URL(`../../golden/gguf/families/${file}`, import.meta.url));

interface Golden {
  ids: number[];
  logits: number[][];
  sha256: Record<string, string>;
  /** The ids of each of the texts. */
  texts: number[][];
}
const golden = JSON.parse(readFileSync(pathOf('golden.json'), 'utf8')) as {
  places: number;
  texts: string[];
  families: Record<string, Golden>;
};

describe.each(Object.entries(golden.families))('%s.gguf', (name, {ids, logits, sha256, texts}) => {
  it('has the weights of its checkpoint bit for bit, and its logits', async () => {
    const model = await loadModel(pathOf(`${name}.gguf`));
    const hashes = hashesOf(model);
    const rows = tf.tidy(() => model.logits([ids]).dataSync());
    model.dispose();
    expect(hashes).toEqual(sha256);
    const size = rows.length / ids.length;
    const found = logits.map((row, at) => row.map((_, i) => rows[at * size + i * golden.places]));
    const worst = Math.max(...logits.flatMap((row, at) => row.map((logit, i) => Math.abs(logit - found[at][i]))));
    expect(worst).toBeLessThan(1e-4);
  });

  it('has its ids of texts', async () => {
    const file = await readGguf(new Uint8Array(readFileSync(pathOf(`${name}.gguf`))), 'm.gguf');
    const tokenizer = createTokenizer(tokenizerJson({name: 'm.gguf', metadata: file.metadata}), 379);
    for (const [i, text] of golden.texts.entries()) {
      expect([text, ...tokenizer.encode(text)]).toEqual([text, ...texts[i]]);
    }
  });
});

/** A file's configuration, with some keys of its architecture exchanged. */
async function configOf(name: string, changes: Record<string, MetadataValue | undefined> = {}) {
  const file = await readGguf(new Uint8Array(readFileSync(pathOf(`${name}.gguf`))), 'm.gguf');
  const metadata = new Map(file.metadata);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) metadata.delete(`${name}.${key}`);
    else metadata.set(`${name}.${key}`, value);
  }
  return configJson({name: 'm.gguf', metadata}, file.tensors, await readRotaryFactors(file));
}

describe('positions', () => {
  it.each<[string, Record<string, MetadataValue | undefined>, object]>([
    ['qwen3', {}, {rope_type: 'linear', rope_theta: 1e6, factor: 4}],
    ['qwen3', {'rope.scaling.type': undefined}, {rope_type: 'linear', rope_theta: 1e6, factor: 4}],
    ['qwen3', {'rope.scaling.type': 'none'}, {rope_theta: 1e6}],
    ['qwen3', {'rope.scaling.factor': undefined, 'rope.scale_linear': 2}, {rope_type: 'linear', factor: 2}],
    ['qwen3', {'rope.scaling.factor': 0}, {rope_theta: 1e6}],
    ['qwen2', {'rope.freq_base': undefined}, {rope_theta: 1e4}],
    ['gemma3', {'rope.freq_base_swa': 5e3}, {sliding_attention: {rope_theta: 5e3}}],
  ])('of %s with %o', async (name, changes, expected) => {
    expect((await configOf(name, changes)).rope_parameters).toMatchObject(expected);
  });

  it.each<[string, Record<string, MetadataValue>, string]>([
    ['qwen2', {'rope.scaling.type': 'yarn'}, '"qwen2.rope.scaling.type" is "yarn", expected one of none, linear'],
    ['llama', {'rope.scaling.factor': 2}, '"llama.rope.scaling.factor" is 2, expected 1 beside the tensor rope_freqs'],
    ['qwen2', {'rope.freq_base': '1'}, '"qwen2.rope.freq_base" is "1", expected a number above 0'],
    ['qwen2', {'attention.sliding_window': 4}, '"qwen2.attention.sliding_window" is 4, expected none'],
    ['gemma3', {final_logit_softcapping: 30}, '"gemma3.final_logit_softcapping" is 30, expected none'],
    ['gemma3', {'attention.sliding_window_pattern': Uint8Array.of(1)}, 'expected 6 truth values, one a layer'],
    ['gpt2', {'attention.head_count_kv': 2}, '"gpt2.attention.head_count_kv" is 2, expected 4'],
  ])('of %s are refused with %o', async (name, changes, message) => {
    await expect(configOf(name, changes)).rejects.toThrow(`m.gguf: metadata ${message.startsWith('"') ? message : ''}`);
    await expect(configOf(name, changes)).rejects.toThrow(message);
  });
});

describe("Gemma's layers", () => {
  const typesOf = async (changes: Record<string, MetadataValue | undefined>) => {
    const types = (await configOf('gemma3', changes)).layer_types as string[];
    return types.map((type) => type[0]).join('');
  };

  it('look back as the file says, or else one in six all the way', async () => {
    expect(await typesOf({})).toBe('sssssf');
    expect(await typesOf({'attention.sliding_window_pattern': 2})).toBe('sfsfsf');
    expect(await typesOf({'attention.sliding_window_pattern': 1})).toBe('ffffff');
    expect(await typesOf({'attention.sliding_window_pattern': Uint8Array.of(1, 1, 0, 1, 1, 0)})).toBe('ssfssf');
    expect(await typesOf({'attention.sliding_window': undefined})).toBe('ffffff');
  });

  it('are scaled by the size of a head, but by that of an even share in the model of 27 billion', async () => {
    expect((await configOf('gemma3')).query_pre_attn_scalar).toBe(8);
    expect((await configOf('gemma3', {block_count: 62})).query_pre_attn_scalar).toBe(4);
  });
});

it('splits by the parts that tokenizers.json holds to Python', () => {
  const {tokenizers} = JSON.parse(readFileSync(pathOf('../../tokenizers.json'), 'utf8')) as {
    tokenizers: {name: string; parts: {normalizer: object | null; pre_tokenizer: object}}[];
  };
  const same: Record<string, string> = {
    ...{smollm: 'SmolLM2', refact: 'SmolLM2', starcoder: 'SmolLM2', 'llama-bpe': 'Llama 3'},
    ...{qwen2: 'Qwen 2', 'deepseek-r1-qwen': 'Qwen 2', 'gpt-4o': 'split by gpt-4o'},
    ...{'deepseek-coder': 'DeepSeek Coder', 'deepseek-v3': 'DeepSeek V3'},
  };
  expect([...Object.keys(same), 'gpt-2'].sort()).toEqual(Object.keys(PRE_TOKENIZERS).sort());
  for (const [pre, name] of Object.entries(same)) {
    const parts = tokenizers.find((each) => each.name === name)?.parts;
    expect([pre, PRE_TOKENIZERS[pre].pre_tokenizer]).toEqual([pre, parts?.pre_tokenizer]);
  }
});
