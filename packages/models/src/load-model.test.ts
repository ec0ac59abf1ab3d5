import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {asFloat32, readSafetensors, type StoredTensor, writeSafetensors} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import {loadModel, type ReadFile} from './index.js';

const folder = fileURLToPath(new URL('../golden/tiny-llama', import.meta.url));
const files = new Map(
  ['config.json', 'tokenizer.json', 'model.safetensors'].map((name) => [name, readFileSync(join(folder, name))]),
);
const text = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const json = (name: string) => JSON.parse(String(files.get(name)));

/** Reads the golden folder, with some of its files exchanged. */
function folderWith(changes: Record<string, Uint8Array>): ReadFile {
  return async (name) => {
    const bytes = changes[name] ?? files.get(name);
    if (!bytes) throw new Error(`no file ${name}`);
    return bytes;
  };
}

const config = (changes: object) => ({'config.json': text({...json('config.json'), ...changes})});

function weights(change: (tensors: Map<string, StoredTensor>) => void) {
  const {tensors} = readSafetensors(files.get('model.safetensors') ?? new Uint8Array());
  change(tensors);
  return {'model.safetensors': writeSafetensors({tensors})};
}

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
      vocabularySize: 96,
      hiddenSize: 16,
      intermediateSize: 24,
      layers: 2,
      heads: 4,
      keyValueHeads: 2,
      headSize: 4,
      maxPositions: 64,
      rmsNormEps: 1e-5,
      ropeTheta: 10000,
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

  it('reads from URLs and from any reader', async () => {
    const server = createServer((request, response) => {
      const bytes = files.get(request.url?.replace('/models/tiny/', '') ?? '');
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
      await expect(loadModel(`${url}/other`)).rejects.toThrow('other/config.json: the server answered 404');
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

  it('takes configs of older transformers', async () => {
    const {rope_parameters: _, head_dim: __, ...rest} = json('config.json');
    const read = folderWith({
      'config.json': text({...rest, rope_theta: 5000, rope_scaling: null, eos_token_id: [2, 3]}),
    });
    const model = await loadModel('x', {read});
    expect(model.config).toMatchObject({ropeTheta: 5000, headSize: 4, eosTokenIds: [2, 3]});
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

  it.each<[string, Record<string, Uint8Array>, RegExp]>([
    ['a config that is no JSON', {'config.json': text('{')}, /^config\.json is not JSON/],
    ['a config that is no UTF-8', {'config.json': Uint8Array.of(0xff)}, /^config\.json is not JSON in UTF-8/],
    ['a config that is no object', {'config.json': text([])}, /^config\.json is not a JSON object/],
    [
      'a config of a megabyte',
      {'config.json': new Uint8Array(2 ** 20 + 1)},
      /^config\.json has 1048577 bytes, expected/,
    ],
    ['another architecture', config({model_type: 'gpt2'}), /model_type is "gpt2", expected "llama"/],
    ['no architecture', config({model_type: undefined}), /model_type is null, expected "llama"/],
    ['an output layer of its own', config({tie_word_embeddings: false}), /tie_word_embeddings is false, expected true/],
    ['attention biases', config({attention_bias: true}), /attention_bias is true/],
    ['another activation', config({hidden_act: 'gelu'}), /hidden_act is "gelu"/],
    ['scaled positions', config({rope_scaling: {rope_type: 'llama3'}}), /rope_scaling is .*"llama3".*, expected/],
    ['positions that are none', config({rope_parameters: 'x'}), /rope_parameters is "x"/],
    ['a frequency base of 0', config({rope_parameters: {rope_theta: 0}}), /rope_theta is 0, expected a number above 0/],
    ['no epsilon', config({rms_norm_eps: 'x'}), /rms_norm_eps is "x"/],
    ['a negative size', config({hidden_size: -16}), /hidden_size is -16, expected a whole number from 1/],
    ['a fractional size', config({num_hidden_layers: 1.5}), /num_hidden_layers is 1\.5/],
    ['a size that is text', config({vocab_size: '96'}), /vocab_size is "96"/],
    ['a size of 10^15', config({intermediate_size: 1e15}), /intermediate_size is 1000000000000000, expected/],
    ['a billion layers', config({num_hidden_layers: 1e9}), /num_hidden_layers is 1000000000, expected .* to 1024/],
    ['sizes absurd together', config({hidden_size: 65536, num_hidden_layers: 1024}), /parameters, expected at most/],
    [
      'heads that do not share evenly',
      config({num_key_value_heads: 3}),
      /num_key_value_heads is 3, expected a divisor/,
    ],
    ['heads of odd size', config({head_dim: 3}), /head_dim is 3, expected an even number/],
    ['an end beyond the vocabulary', config({eos_token_id: 96}), /eos_token_id is 96/],
    ['a tokenizer that is no JSON', {'tokenizer.json': text('x')}, /^tokenizer\.json is not JSON/],
    ['a tokenizer that is none', {'tokenizer.json': text({})}, /^tokenizer\.json: model is undefined, expected one of/],
    ['a tokenizer that is null', {'tokenizer.json': text('null')}, /^tokenizer\.json is not a JSON object/],
    ['a larger tokenizer', config({vocab_size: 95}), /the token ".*" has the id 95, expected .* 0 to 94/],
    ['weights that are none', {'model.safetensors': text('x')}, /^model\.safetensors: 1 bytes/],
    [
      'weights larger than the config says',
      {'model.safetensors': new Uint8Array(2 ** 21)},
      /has 2097152 bytes, expected/,
    ],
    [
      'another width',
      config({hidden_size: 8, head_dim: 4}),
      /model\.embed_tokens\.weight has the shape \[96,16\], expected \[96,8\]/,
    ],
    [
      'a missing tensor',
      weights((all) => all.delete('model.norm.weight')),
      /no tensor model\.norm\.weight, expected .*\[16\]/,
    ],
    ['a missing layer', config({num_hidden_layers: 3}), /no tensor model\.layers\.2\.input_layernorm\.weight/],
    ['a layer too many', config({num_hidden_layers: 1}), /the tensor model\.layers\.1\.\S+ is no part of this model/],
    [
      'integers as weights',
      weights((all) => all.set('model.norm.weight', {dtype: 'I32', shape: [16], data: new Uint8Array(64)})),
      /model\.norm\.weight is I32, expected F32, F16 or BF16/,
    ],
  ])('refuses %s and leaves nothing behind', async (_, changes, message) => {
    const readings: string[] = [];
    const read: ReadFile = (name, limit) => {
      readings.push(name);
      return folderWith(changes)(name, limit);
    };
    await expect(loadModel('x', {read})).rejects.toThrow(message);
    expect(readings[0]).toBe('config.json');
  });

  it('bounds what it reads from disk before it reads it', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'models-'));
    try {
      cpSync(folder, copy, {recursive: true});
      writeFileSync(join(copy, 'model.safetensors'), new Uint8Array(2 ** 21));
      await expect(loadModel(copy)).rejects.toThrow(/model\.safetensors has 2097152 bytes, expected at most \d+/);
      rmSync(join(copy, 'model.safetensors'));
      await expect(loadModel(copy)).rejects.toThrow(/ENOENT.*model\.safetensors/);
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
