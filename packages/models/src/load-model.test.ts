import {cpSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {asFloat32, readSafetensors, writeSafetensors} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import {files, folder, folderWith, hasGoldenWeights, json, shards, text, weights} from '../golden/golden-folder.js';
import {loadModel, type ReadFile} from './index.js';
import {readFolder} from './read-folder.js';

let tensorsBefore: number;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(tensorsBefore);
  expect(Object.keys(tf.engine().registeredVariables)).toEqual([]);
});

describe('loadModel', () => {
  it('reads config, weights and tokenizer from a folder on disk', async () => {
    const model = await loadModel(folder);
    expect(model.id).toBe('tiny-llama');
    expect(model.config).toEqual({
      modelType: 'llama',
      vocabularySize: 96,
      hiddenSize: 16,
      intermediateSize: 24,
      layers: 2,
      heads: 4,
      keyValueHeads: 2,
      headSize: 4,
      maxPositions: 64,
      isTied: true,
      eosTokenIds: [2],
    });
    const {tensors} = readSafetensors(files.get('model.safetensors') ?? new Uint8Array());
    expect([...model.weights.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, weight] of model.weights) {
      const stored = tensors.get(name);
      expect(weight.name).toBe(name);
      expect(weight.shape).toEqual(stored?.shape);
      expect(weight.dataSync()).toEqual(stored && asFloat32(stored));
    }
    model.dispose();
  });

  it('reads the weights of a folder on a server by few requests', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      const name = request.url?.slice(1) ?? '';
      const bytes = files.get(name);
      const [, begin, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      if (name.endsWith('.safetensors')) asked.push(`${begin}-${end}`);
      if (!bytes) response.writeHead(404).end();
      else if (begin === undefined) response.end(bytes);
      else {
        const headers = {'content-range': `bytes ${begin}-${end}/${bytes.length}`};
        response.writeHead(206, headers).end(bytes.subarray(Number(begin), Number(end) + 1));
      }
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    try {
      const address = server.address();
      if (typeof address !== 'object' || !address) throw new Error('no address');
      const model = await loadModel(`http://127.0.0.1:${address.port}/`);
      expect(hasGoldenWeights(model)).toBe(true);
      const local = await loadModel(folder, {scope: 'local'});
      expect([...model.weights.keys()]).toEqual([...local.weights.keys()]); // whatever the file's order
      expect(model.weights.size).toBe(20);
      model.dispose();
      local.dispose();
      // Its size, its header's length, its header, and all weights.
      expect(asked.length).toBe(4);
    } finally {
      server.close();
    }
  });

  it('reads one weight at a time where files can be opened, and closes them', async () => {
    const parts: number[] = [];
    const closed: string[] = [];
    const whole: string[] = [];
    const fromDisk = readFolder(folder);
    const read = (file: string, limit: number) => {
      whole.push(file);
      return fromDisk(file, limit);
    };
    const open = async (file: string, limit: number) => {
      const opened = await fromDisk.open?.(file, limit);
      if (!opened) throw new Error('a folder on disk cannot be opened');
      return {
        size: opened.size,
        read: (begin: number, end: number) => {
          parts.push(end - begin);
          return opened.read(begin, end);
        },
        close: async () => {
          closed.push(file);
          await opened.close?.();
        },
      };
    };
    const model = await loadModel(folder, {read: Object.assign(read, {open})});
    expect(whole.filter((file) => file.endsWith('safetensors'))).toEqual([]);
    expect(closed).toEqual(['model.safetensors']);
    const {tensors} = readSafetensors(files.get('model.safetensors') ?? new Uint8Array());
    expect(parts.slice(2).sort()).toEqual(Array.from(tensors.values(), ({data}) => data.length).sort());
    model.dispose();

    closed.length = 0;
    const config = JSON.stringify({...json('config.json'), intermediate_size: 20});
    const other = async (file: string, limit: number) =>
      file === 'config.json' ? new TextEncoder().encode(config) : fromDisk(file, limit);
    await expect(loadModel(folder, {read: Object.assign(other, {open})})).rejects.toThrow('has the shape');
    expect(closed).toEqual(['model.safetensors']);
  });

  it('reads from URLs and from any reader', async () => {
    let served = new Map<string, Uint8Array>(files);
    const server = createServer((request, response) => {
      const bytes = served.get(request.url?.replace('/models/tiny/', '') ?? '');
      response.writeHead(bytes ? 200 : 404).end(bytes);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    try {
      const address = server.address();
      if (typeof address !== 'object' || !address) throw new Error('no address');
      const url = `http://127.0.0.1:${address.port}/models`;
      for (const source of [`${url}/tiny`, `${url}/tiny/`, new URL(`${url}/tiny/`)]) {
        const model = await loadModel(source);
        expect(model.id).toBe('tiny');
        model.dispose();
      }
      await expect(loadModel(`${url}/other`)).rejects.toThrow(
        'other/config.json: the server answered 404; expected a folder with config.json, tokenizer.json and',
      );
      served = new Map([...files, ...Object.entries(shards())]);
      served.delete('model.safetensors');
      const model = await loadModel(`${url}/tiny`);
      expect(hasGoldenWeights(model)).toBe(true);
      model.dispose();
      served.delete('model.safetensors.index.json');
      await expect(loadModel(`${url}/tiny`)).rejects.toThrow(
        /tiny\/model\.safetensors: the server answered 404; nor is there model\.safetensors\.index\.json;/,
      );
      served.set('pytorch_model.bin', text('PK'));
      await expect(loadModel(`${url}/tiny`)).rejects.toThrow('; pytorch_model.bin is a pickle, which could run code');
      served.delete('tokenizer.json');
      await expect(loadModel(`${url}/tiny`)).rejects.toThrow('tokenizer.json: the server answered 404; AutoTokenizer');
    } finally {
      server.close();
    }
    for (const source of [new URL('../golden/tiny-llama', import.meta.url), `file://${folder}`]) {
      (await loadModel(source)).dispose();
    }
    const model = await loadModel('anything', {id: 'mine', read: folderWith({})});
    expect(model.id).toBe('mine');
    model.dispose();
  });

  it('widens half-precision weights', async () => {
    const half = weights((tensors) => {
      for (const [name, {shape, data}] of tensors) {
        const bits = new Uint16Array(new Uint8Array(data).buffer).filter((_, i) => i % 2 === 1); // the upper halves
        tensors.set(name, {dtype: 'BF16', shape, data: new Uint8Array(bits.buffer)});
      }
    });
    const model = await loadModel('x', {read: folderWith(half)});
    const {tensors} = readSafetensors(half['model.safetensors']);
    for (const [name, weight] of model.weights) {
      const stored = tensors.get(name);
      expect(weight.dataSync()).toEqual(stored && asFloat32(stored));
    }
    model.dispose();
  });

  it('takes a GPT-2 as it was published: names without their beginning, and masks', async () => {
    const own = readFolder(new URL('../golden/families/gpt2', import.meta.url));
    const stored = readSafetensors(await own('model.safetensors', 2 ** 20)).tensors;
    const tensors = new Map(Array.from(stored, ([name, tensor]) => [name.replace('transformer.', ''), tensor]));
    tensors.set('h.0.attn.bias', {dtype: 'F32', shape: [1, 1, 2, 2], data: new Uint8Array(16)});
    tensors.set('h.1.attn.masked_bias', {dtype: 'F32', shape: [], data: new Uint8Array(4)});
    const tiny = folderWith({'model.safetensors': writeSafetensors({tensors})});
    const read: ReadFile = (name, limit) => (name === 'config.json' ? own : tiny)(name, limit);
    const model = await loadModel('gpt2', {read});
    expect([...model.weights.keys()].sort()).toEqual([...stored.keys()].sort());
    model.dispose();
  });

  it('takes configs of older transformers', async () => {
    const {rope_parameters: _, head_dim: __, ...rest} = json('config.json');
    const read = folderWith({
      'config.json': text({...rest, rope_theta: 5000, rope_scaling: null, eos_token_id: [2, 3]}),
    });
    const model = await loadModel('x', {read});
    expect(model.config).toMatchObject({headSize: 4, eosTokenIds: [2, 3]});
    model.dispose();
  });

  it('keeps two models apart by scope', async () => {
    const one = await loadModel(folder);
    await expect(loadModel(folder)).rejects.toThrow(/a variable called model\.\S+ exists already.* scope/);
    const two = await loadModel(folder, {scope: 'second'});
    expect([...two.weights.keys()]).toEqual([...one.weights.keys()]);
    expect(two.weights.get('model.norm.weight')?.name).toBe('second/model.norm.weight');
    one.dispose();
    const three = await loadModel(folder);
    two.dispose();
    three.dispose();
  });

  it('bounds what it reads from disk before it reads it', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'models-'));
    try {
      cpSync(folder, copy, {recursive: true});
      writeFileSync(join(copy, 'model.safetensors'), new Uint8Array(2 ** 21));
      await expect(loadModel(copy)).rejects.toThrow(/model\.safetensors has 2097152 bytes, expected at most \d+/);
      rmSync(join(copy, 'model.safetensors'));
      await expect(loadModel(copy)).rejects.toThrow(
        /^there is no \S+model\.safetensors; nor is there model\.safetensors\.index\.json; save_pretrained.* safetensors$/,
      );
      writeFileSync(join(copy, 'pytorch_model.bin'), 'PK');
      await expect(loadModel(copy)).rejects.toThrow(
        /; pytorch_model\.bin is a pickle, which could run code and is not read;/,
      );
      rmSync(join(copy, 'tokenizer.json'));
      await expect(loadModel(copy)).rejects.toThrow(/^there is no \S+tokenizer\.json; AutoTokenizer\.from_pretrained/);
      await expect(loadModel(join(copy, 'config.json'))).rejects.toThrow(
        /^there is no \S+; expected a folder with config/,
      );
    } finally {
      rmSync(copy, {recursive: true});
    }
  });

  it('frees what it made when the backend runs out of memory half-way', async () => {
    const backend = tf.backend();
    const write = backend.write.bind(backend);
    let left = 7;
    const spy = vi.spyOn(backend, 'write').mockImplementation((...values) => {
      if (left-- === 0) throw new Error('out of memory');
      return write(...values);
    });
    await expect(loadModel(folder)).rejects.toThrow('out of memory');
    expect(spy).toHaveBeenCalledTimes(8);
    spy.mockRestore();
  });
});
