import {readSafetensors, type StoredTensor, writeSafetensors} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {errorOf, type GoldenModel, loadBase, readCase, readFilesOf, valuesOf} from '../golden/adapter-fixture.js';
import {type AttachConfig, attach, fitBudget, loadAdapter, type PeftFiles} from './index.js';

let tensorsBefore: number;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  tf.disposeVariables();
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

const load = async (name: string): Promise<GoldenModel> => loadBase((await readCase(name)).golden);

/** A language model. */
async function loadLlama() {
  const {model} = await load('prompt');
  if (!('chat' in model)) throw new Error('no language model');
  return model;
}

describe('a prompt', () => {
  it('begins with a text, as often as it is needed, or with drawn tokens of the vocabulary', async () => {
    const model = await loadLlama();
    const ids = model.tokenizer.encode('The sea');
    const adapter = await attach(model, {method: 'prompt', tokens: ids.length + 2, init: 'text', text: 'The sea'});
    const wanted = await valuesOf(model.embedTokens([...ids, ...ids.slice(0, 2)]));
    expect(Float32Array.from(await adapter.variables[0].data())).toEqual(wanted);
    adapter.detach();

    const rows = await valuesOf(model.embedTokens(Array.from({length: model.config.vocabularySize}, (_, id) => id)));
    const width = model.config.hiddenSize;
    const vocabulary = new Set(
      Array.from({length: rows.length / width}, (_, i) => rows.slice(i * width, (i + 1) * width).join()),
    );
    const drawn: string[] = [];
    for (const seed of [1, 1, 2]) {
      const adapter = await attach(model, {method: 'prompt', tokens: 4, init: 'vocabulary', seed});
      const values = Float32Array.from(await adapter.variables[0].data());
      for (let i = 0; i < 4; i++) expect(vocabulary).toContain(values.slice(i * width, (i + 1) * width).join());
      drawn.push(values.join());
      adapter.detach();
    }
    expect(drawn[1]).toBe(drawn[0]);
    expect(drawn[2]).not.toBe(drawn[0]);
  });

  it('that is a text is that text before each row, in logits, hidden states, likelihoods and answers', async () => {
    const model = await loadLlama();
    const text = model.tokenizer.encode('The sea');
    const row = model.tokenizer.encode('is wide');
    const [long] = await model.logProbabilities([
      [
        [...text, ...row],
        [5, 6],
      ],
    ]);
    const hidden = tf.tidy(() => model.hidden([[...text, ...row]]).slice([0, text.length]));
    const wanted = await valuesOf(hidden);
    const answer: number[] = [];
    for (let step = 0; step < 6; step++) {
      const read = [...text, ...row, ...answer];
      answer.push(
        ...(await valuesOf(
          tf.tidy(() =>
            model
              .logits([read])
              .slice([0, read.length - 1])
              .argMax(2),
          ),
        )),
      );
    }

    const adapter = await attach(model, {method: 'prompt', tokens: text.length, init: 'text', text: 'The sea'});
    expect(errorOf(await valuesOf(model.hidden([row])), wanted)).toBeLessThan(1e-6);
    const [short] = await model.logProbabilities([[row, [5, 6]]]);
    expect(short.sum).toBeCloseTo(long.sum, 4);
    expect(await model.generate(['is wide'], {maxTokens: 6, stop: []})).toEqual([model.tokenizer.decode(answer)]);
    const pieces: string[] = [];
    for await (const piece of model.stream('is wide', {maxTokens: 6, stop: []})) pieces.push(piece);
    expect(pieces.join('')).toBe(model.tokenizer.decode(answer));
    adapter.detach();
  });

  it('takes places from rows', async () => {
    const model = await loadLlama();
    const {maxPositions} = model.config;
    const adapter = await attach(model, {method: 'prompt', tokens: maxPositions - 3});
    expect(model.maxRowTokens).toBe(3);
    model.logits([[5, 6, 7]]).dispose();
    expect(() => model.logits([[5, 6, 7, 8]])).toThrow('1 rows of 4 tokens, expected 1 to 3 tokens');
    await expect(
      model.logProbabilities([
        [
          [5, 6, 7],
          [8, 9],
        ],
      ]),
    ).rejects.toThrow('4 tokens to read, expected at most 3');
    await expect(model.generate(['The sea is wide and blue'])).rejects.toThrow('expected 1 to 2');
    adapter.detach();
    expect(model.maxRowTokens).toBe(maxPositions);
  });
});

it.each(['prompt-bert', 'prefix-bert', 'prompt-t5', 'prefix-t5'])(
  '%s: a row alone is as among longer ones',
  async (name) => {
    const {golden, tensors} = await readCase(name);
    const all = tensors.get('logits') ?? new Float32Array();
    const size = all.length / golden.inputs.length;
    for (const [row, ids] of golden.inputs.entries()) {
      const {model, logits} = await loadBase({...golden, inputs: [ids], targets: golden.targets?.slice(row, row + 1)});
      const adapter = await loadAdapter(model, await readFilesOf(name));
      expect(errorOf(await valuesOf(logits()), all.subarray(row * size, (row + 1) * size))).toBeLessThan(1e-4);
      adapter.detach();
      model.dispose();
    }
  },
);

it('begins a prefix with zeros, of which each takes its share of attention', async () => {
  const {model, logits} = await load('prefix');
  const plain = await valuesOf(logits());
  const adapter = await attach(model, {method: 'prefix', tokens: 2, init: 'zeros'});
  expect((await adapter.variables[0].data()).every((value) => value === 0)).toBe(true);
  expect(await valuesOf(logits())).not.toEqual(plain);
  adapter.detach();
  expect(await valuesOf(logits())).toEqual(plain);
});

it.each<[name: string, config: object, message: string]>([
  ['prompt', {method: 'prompt'}, 'attach: tokens is undefined and parameters is undefined, expected one of them'],
  ['prompt', {method: 'prompt', tokens: 0}, 'attach: tokens is 0, expected a whole number from 1 to 65536'],
  [
    'prompt',
    {method: 'prompt', tokens: 2, init: 'zeros'},
    'attach: init is "zeros", expected one of random, vocabulary, text',
  ],
  [
    'prompt',
    {method: 'prompt', tokens: 2, init: 'text'},
    'attach: text is undefined, expected one that init: "text" begins with',
  ],
  [
    'prompt',
    {method: 'prompt', tokens: 2, text: 'a'},
    'attach: init is "random", expected "text" where there is a text',
  ],
  ['prompt', {method: 'prompt', tokens: 9999}, 'attach: tokens is 9999, expected fewer than the'],
  ['prefix', {method: 'prefix', tokens: 9999}, 'attach: tokens is 9999, expected fewer than the'],
  [
    'prefix',
    {method: 'prefix', tokens: 2, projection: true},
    'attach: there is no option "projection" (true), expected',
  ],
  [
    'prefix',
    {method: 'prefix', tokens: 2, modulesToSave: ['x']},
    'attach: modulesToSave has "x", expected modules of the model',
  ],
])('%s: refuses %o', async (name, config, message) => {
  const {model} = await load(name);
  const {numTensors} = tf.memory();
  await expect(attach(model, config as AttachConfig)).rejects.toThrow(message);
  expect(tf.memory().numTensors).toBe(numTensors);
  for (const weight of model.weights.values()) expect(weight.trainable).toBe(true);
});

it('leaves the active adapter active where the model takes no second prompt', async () => {
  const {model, logits} = await load('prompt');
  const lora = await attach(model, {method: 'lora', name: 'lora'});
  const before = await valuesOf(logits());
  const width = model.config.hiddenSize;
  const remove = model.decorate({
    begin: () => (verbs) => verbs,
    prompt: {tokens: 1, embed: () => tf.zeros([1, width])},
  });
  await expect(attach(model, {method: 'prompt', tokens: 2})).rejects.toThrow(
    'decorate: the model has a prompt already',
  );
  remove();
  expect(lora.isActive).toBe(true);
  expect(await valuesOf(logits())).toEqual(before);
  lora.detach();
});

describe('hostile files', () => {
  const configOf = (files: PeftFiles) => JSON.parse(new TextDecoder().decode(files['adapter_config.json']));
  const tensorsOf = (files: PeftFiles) => new Map(readSafetensors(files['adapter_model.safetensors']).tensors);
  const written = (config: object, tensors: Map<string, StoredTensor>): PeftFiles => ({
    'adapter_config.json': new TextEncoder().encode(JSON.stringify(config)),
    'adapter_model.safetensors': writeSafetensors({tensors}),
  });
  const tensor = (shape: number[]): StoredTensor => ({
    dtype: 'F32',
    shape,
    data: new Uint8Array(4 * shape.reduce((size, side) => size * side, 1)),
  });

  it.each<[name: string, config: object, tensors: Record<string, number[]>, message: string]>([
    ['prompt', {num_virtual_tokens: 4}, {}, 'the shape of prompt_embeddings is [3,16], expected [4,16]'],
    [
      'prompt',
      {num_virtual_tokens: 1e9},
      {},
      'num_virtual_tokens is 1000000000, expected a whole number from 1 to 65536',
    ],
    ['prompt', {num_virtual_tokens: -1}, {}, 'num_virtual_tokens is -1, expected a whole number'],
    ['prompt', {num_virtual_tokens: null}, {}, 'num_virtual_tokens is undefined, expected a whole number'],
    [
      'prompt',
      {num_virtual_tokens: 60000},
      {prompt_embeddings: [60000, 1]},
      'the shape of prompt_embeddings is [60000,1], expected [60000,16]',
    ],
    ['prompt', {}, {prompt_embeddings: [48]}, 'the shape of prompt_embeddings is [48], expected [3,16]'],
    ['prompt', {token_dim: 8}, {}, 'token_dim is 8, expected one of 16'],
    ['prompt', {num_transformer_submodules: 2}, {}, 'num_transformer_submodules is 2, expected one of 1'],
    ['prompt', {}, {more: [1]}, 'the file has a tensor more, expected only those of the adapter'],
    ['prompt', {mystery: 5}, {}, 'adapter_config.json: mystery is 5, expected nothing'],
    ['prefix', {num_layers: 1, token_dim: 16}, {}, 'token_dim is 16, expected one of 8'],
    ['prefix', {num_layers: 3}, {}, 'num_layers is 3, expected one of 2'],
    ['prefix', {num_attention_heads: 4}, {}, 'num_attention_heads is 4, expected one of 2'],
    [
      'prefix',
      {peft_type: 'P_TUNING'},
      {},
      'peft_type is "P_TUNING", expected one of LORA, IA3, PROMPT_TUNING, PREFIX_TUNING',
    ],
    [
      'prompt-bert',
      {},
      {'base_model.classifier.weight': [2, 8]},
      'base_model.classifier.weight is [2,8], expected [3,8]',
    ],
  ])('%s: refuses %o with %o', async (name, config, tensors, message) => {
    const {model} = await load(name);
    const files = await readFilesOf(name);
    const all = tensorsOf(files);
    for (const [key, shape] of Object.entries(tensors)) all.set(key, tensor(shape));
    const {numTensors} = tf.memory();
    await expect(loadAdapter(model, written({...configOf(files), ...config}, all))).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(numTensors);
    for (const weight of model.weights.values()) expect(weight.trainable).toBe(true);
  });

  it.each(['prompt', 'prefix-bert'])('%s: refuses a file without the tensor', async (name) => {
    const {model} = await load(name);
    const files = await readFilesOf(name);
    const all = tensorsOf(files);
    all.delete('prompt_embeddings');
    const without = written(configOf(files), all);
    await expect(loadAdapter(model, without)).rejects.toThrow(
      'the shape of prompt_embeddings is undefined, expected [3,',
    );
    const adapter = await loadAdapter(model, files);
    const before = await adapter.save();
    expect(() => adapter.load(without)).toThrow('load: the file has no tensor prompt_embeddings, expected it');
    expect(await adapter.save()).toEqual(before);
    adapter.detach();
  });

  it('takes what PEFT has made of a projection', async () => {
    const {model} = await load('prefix');
    const files = await readFilesOf('prefix');
    const projected = written({...configOf(files), prefix_projection: true}, tensorsOf(files));
    const adapter = await loadAdapter(model, projected);
    expect(adapter.parameters).toBe(96);
    adapter.detach();
  });
});

describe('budgets', () => {
  it.each<[name: string, method: 'prompt' | 'prefix', budget: number, tokens: number, parameters: number]>([
    ['prompt', 'prompt', 16, 1, 16],
    ['prompt', 'prompt', 79, 4, 64],
    ['prefix', 'prefix', 100, 3, 96],
    ['prompt-bert', 'prompt', 60, 4, 59],
    ['prefix-bert', 'prefix', 59, 1, 59],
    ['prefix-t5', 'prefix', 300, 2, 288],
  ])('of %s: %o of %i', async (name, method, budget, tokens, parameters) => {
    const {model} = await load(name);
    expect(fitBudget({method, parameters: budget}, model)).toEqual({tokens, parameters});
    const adapter = await attach(model, {method, parameters: budget});
    expect(adapter.parameters).toBe(parameters);
    adapter.detach();
  });

  it('says the least that there can be, and leaves a row a place', async () => {
    const {model} = await load('prompt-bert');
    const fit = (method: 'prompt' | 'prefix', parameters: number) => fitBudget({method, parameters}, model);
    expect(() => fit('prompt', 34)).toThrow('prompt: parameters is 34, expected at least 35');
    expect(() => fit('prefix', 58)).toThrow('prefix: parameters is 58, expected at least 59');
    expect(fit('prompt', 1e9)).toMatchObject({tokens: model.config.maxPositions - 1});
  });
});
