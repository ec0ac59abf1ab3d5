import {copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, type RequestListener} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import type {Gguf, MetadataValue} from '@subset-tuning/gguf';
import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {fixture, golden, hashesOf, pathOf} from '../../golden/gguf-fixture.js';
import {type ChatTemplates, loadModel} from '../index.js';
import {configJson} from './config-json.js';
import {readGgufWeights} from './read-gguf-weights.js';

let tensorsBefore: number;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(tensorsBefore);
  expect(Object.keys(tf.engine().registeredVariables)).toEqual([]);
});

describe.each(['byte-level', 'sentencepiece'])('%s.gguf, as transformers reads it', (kind) => {
  const {sha256, prompt, ids, made, logits} = golden[kind];

  it('has its weights bit for bit, by their names in a checkpoint', async () => {
    const model = await loadModel(pathOf(kind));
    expect(model.id).toBe(kind);
    expect(hashesOf(model)).toEqual(sha256);
    model.dispose();
  });

  it('has its logits and its continuation', async () => {
    const model = await loadModel(pathOf(kind));
    expect(model.tokenizer.encode(prompt)).toEqual(ids);
    const rows = tf.tidy(() => model.logits([ids]).dataSync());
    const last = rows.subarray(rows.length - model.config.vocabularySize);
    for (const [place, logit] of logits) expect(last[place]).toBeCloseTo(logit, 4);
    const end = made.indexOf(2);
    const answer = model.tokenizer.decode(end < 0 ? made : made.slice(0, end));
    expect(await model.generate([prompt], {maxTokens: made.length})).toEqual([answer]);
    model.dispose();
  });
});

describe('a configuration', () => {
  it.each<[changes: Record<string, MetadataValue | undefined>, message: string]>([
    [{'general.architecture': 'phi3'}, 'metadata "general.architecture" is "phi3", expected one of llama, qwen2,'],
    [{'general.architecture': undefined}, 'metadata "general.architecture" is undefined, expected one of llama'],
    [{'llama.block_count': undefined}, 'metadata "llama.block_count" is undefined, expected a whole number ≥ 0'],
    [{'llama.block_count': '2'}, 'metadata "llama.block_count" is "2", expected a whole number ≥ 0'],
    [{'llama.attention.head_count': Uint32Array.of(4, 4)}, '"llama.attention.head_count" is a Uint32Array of 8 bytes'],
    [{'llama.rope.dimension_count': 4}, 'metadata "llama.rope.dimension_count" is 4, expected 8'],
    [{'llama.attention.value_length': 16}, 'metadata "llama.attention.value_length" is 16, expected 8'],
    [{'llama.rope.scaling.type': 'yarn'}, '"llama.rope.scaling.type" is "yarn", expected one of none, linear'],
    [{'llama.expert_count': 8}, 'metadata "llama.expert_count" is 8, expected none'],
    [{'llama.logit_scale': 0.5}, 'metadata "llama.logit_scale" is 0.5, expected none'],
  ])('is refused with %o', async (changes, message) => {
    const {fields, tensors} = await fixture('byte-level', changes);
    expect(() => configJson(fields, tensors)).toThrow(/^m\.gguf: metadata /);
    expect(() => configJson(fields, tensors)).toThrow(message);
  });

  it('may say what does nothing, and counts of 64 bits', async () => {
    const {fields, tensors} = await fixture('byte-level');
    const neutral = {'llama.rope.scaling.type': 'none', 'llama.expert_count': 0, 'llama.attention.key_length': 8};
    const more = await fixture('byte-level', {...neutral, 'llama.block_count': 2n, 'llama.vocab_size': undefined});
    expect(configJson(more.fields, tensors)).toEqual(configJson(fields, tensors));
  });
});

describe('weights', () => {
  const shapes = new Map<string, readonly number[]>([['model.norm.weight', [32]]]);
  const heads = {model_type: 'llama', num_attention_heads: 4, num_key_value_heads: 2};
  const fileOf = (tensors: [string, number[]][]): Gguf => ({
    ...{version: 3, metadata: new Map(), read: () => Promise.reject(new Error('nothing to read')), range: () => [0, 0]},
    tensors: new Map(tensors.map(([name, shape]) => [name, {dtype: 'F32', shape}])),
  });

  it.each<[tensors: [string, number[]][], message: string]>([
    [[], 'm.gguf has no tensor output_norm.weight, expected one of shape [32]'],
    [[['output_norm.weight', [31]]], 'm.gguf: output_norm.weight has the shape [31], expected [32]'],
    [
      [
        ['output_norm.weight', [32]],
        ['blk.0.attn_norm.weight', [4]],
      ],
      'm.gguf: the tensor "blk.0.attn_norm.weight" is no part of this model',
    ],
  ])('%o are refused', (tensors, message) => {
    expect(() => readGgufWeights('m.gguf', fileOf(tensors), shapes, heads)).toThrow(message);
  });
});

describe('a place', () => {
  const bytes = new Uint8Array(readFileSync(pathOf('byte-level')));
  const isGolden = (model: {weights: ReadonlyMap<string, tf.Variable>; chatTemplates: ChatTemplates}) =>
    model.weights.size === Object.keys(golden['byte-level'].sha256).length &&
    model.chatTemplates.texts.get('default')?.startsWith('{% for m');

  /** Serves one file, and gives its address. */
  async function serve<T>(listener: RequestListener, use: (url: string) => Promise<T>): Promise<T> {
    const server = createServer(listener);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    try {
      const address = server.address();
      if (typeof address !== 'object' || !address) throw new Error('no address');
      return await use(`http://127.0.0.1:${address.port}/models/tiny.gguf`);
    } finally {
      server.close();
    }
  }

  it('is a folder on disk with one such file and no other weights', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'gguf #'));
    try {
      copyFileSync(pathOf('byte-level'), join(copy, 'any name.gguf'));
      writeFileSync(join(copy, 'README.md'), 'text');
      for (const place of [copy, `${copy}/`, pathToFileURL(copy), pathToFileURL(`${copy}/`)]) {
        const model = await loadModel(place);
        expect(isGolden(model)).toBe(true);
        model.dispose();
      }
      writeFileSync(join(copy, 'other.gguf'), 'text');
      await expect(loadModel(copy)).rejects.toThrow(
        'has 2 GGUF files, expected one, or the path of one: any name.gguf, o',
      );
      await expect(loadModel(join(copy, 'other.gguf'))).rejects.toThrow(/^other\.gguf/);
      await expect(loadModel(join(copy, 'none.gguf'))).rejects.toThrow(/^there is no \S.*none\.gguf$/);
      writeFileSync(join(copy, 'config.json'), '{}');
      await expect(loadModel(copy)).rejects.toThrow(/^config\.json: /);
    } finally {
      rmSync(copy, {recursive: true});
    }
  });

  it("is the caller's own", async () => {
    const asked: string[] = [];
    const read = async (name: string) => {
      asked.push(name);
      return bytes;
    };
    const model = await loadModel('somewhere/tiny.gguf', {read, scope: 'mine'});
    expect([model.id, asked, isGolden(model)]).toEqual(['tiny', ['tiny.gguf'], true]);
    expect(model.weights.get('model.norm.weight')?.name).toBe('mine/model.norm.weight');
    model.dispose();
  });

  it('is an address of a server that knows ranges, which sends no byte twice', async () => {
    let sent = 0;
    let answers = 0;
    const answer: RequestListener = (request, response) => {
      answers++;
      const [, begin, end] = (/^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []).map(Number);
      const part = bytes.subarray(begin, end + 1);
      sent += part.length;
      response.writeHead(206, {
        'content-range': `bytes ${begin}-${begin + part.length - 1}/${bytes.length}`,
        etag: '"1"',
      });
      response.end(part);
    };
    await serve(answer, async (url) => {
      const model = await loadModel(new URL(`${url}?download=true`));
      expect([model.id, isGolden(model)]).toEqual(['tiny', true]);
      model.dispose();
    });
    // The first byte tells the size, the header's megabyte is all of so small a file, and then all tensors together.
    expect(sent).toBeLessThan(1 + 2 * bytes.length);
    expect(answers).toBe(3);
  });

  it('is an address of one that does not', async () => {
    await serve(
      (_, response) => response.end(bytes),
      async (url) => {
        const model = await loadModel(url);
        expect(isGolden(model)).toBe(true);
        model.dispose();
      },
    );
  });

  it.each<
    [what: string, change: (answers: number) => {status?: number; etag?: string; total?: number}, message: RegExp]
  >([
    [
      'another file',
      (answers) => ({etag: `"${answers > 1}"`}),
      /answered 206 with bytes \d+-\d+\/\d+, expected bytes .* of the same/,
    ],
    ['another size', (answers) => ({total: bytes.length + Number(answers > 1)}), /of the same file/],
    ['an error', (answers) => ({status: answers > 1 ? 500 : 206}), /tiny\.gguf: the server answered 500$/],
    ['nothing', () => ({status: 404}), /tiny\.gguf: the server answered 404$/],
  ])('that answers with %s half-way is refused, and nothing is left', async (_, change, message) => {
    let answers = 0;
    const answer: RequestListener = (request, response) => {
      const {status = 206, etag = '"1"', total = bytes.length} = change(answers++);
      const [, begin, end] = (/^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []).map(Number);
      response.writeHead(status, {'content-range': `bytes ${begin}-${end}/${total}`, etag});
      response.end(bytes.subarray(begin, end + 1));
    };
    await serve(answer, (url) => expect(loadModel(url)).rejects.toThrow(message));
  });

  it('whose file ends half-way is refused, and nothing is left', async () => {
    const read = async () => bytes.subarray(0, bytes.length - 100);
    await expect(loadModel('x.gguf', {read})).rejects.toThrow(
      /^x\.gguf: tensor "\S+" ends at byte \d+, expected at most \d+$/,
    );
  });
});
