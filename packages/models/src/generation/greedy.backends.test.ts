import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readJson} from '../../../../test/read-file.js';
import {goldenUrl} from '../../golden/load-family.js';
import {type CausalModel, loadModel} from '../index.js';

const {generation} = await readJson<{generation: {prompt: string; answer: string; ids: number[]}[]}>(
  goldenUrl('golden.json'),
);
const prompts = generation.map(({prompt}) => prompt);
const answers = generation.map(({answer}) => answer);
const maxTokens = 12; // as the golden values were made with

let model: CausalModel;
let tensorsBefore: number;
beforeEach(async () => {
  tensorsBefore = tf.memory().numTensors;
  model = await loadModel(goldenUrl('tiny-llama'));
});
afterEach(() => {
  model.dispose();
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

describe('generate', () => {
  it('continues as transformers does, all at once', async () => {
    const tensors = tf.memory().numTensors;
    expect(await model.generate(prompts, {maxTokens})).toEqual(answers);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it.each([1, 2, 4])('continues a prompt the same among %i', async (batchSize) => {
    expect(await model.generate(prompts, {maxTokens, batchSize})).toEqual(answers);
    expect(await model.generate([...prompts].reverse(), {maxTokens, batchSize})).toEqual([...answers].reverse());
  });

  it('agrees with the logits of the whole text', async () => {
    const {ids} = generation[0];
    const source = model.tokenizer.encode(prompts[0]);
    const logits = model.logits([[...source, ...ids.slice(0, -1)]]);
    const best = tf.argMax(logits, 2);
    expect([...(await best.data())].slice(source.length - 1)).toEqual(ids);
    tf.dispose([logits, best]);
  });

  it('stops where told to, and at the longest that the model knows', async () => {
    expect(await model.generate([prompts[0]], {stop: [34]})).toEqual([model.tokenizer.decode([92, 52])]);
    expect(await model.generate([prompts[0]], {maxTokens: 3})).toEqual([model.tokenizer.decode([92, 52, 34])]);
    const source = model.tokenizer.encode(prompts[4]);
    const [endless] = await model.generate([prompts[4]], {maxTokens: 1000, stop: []});
    const [most] = await model.generate([prompts[4]], {maxTokens: 64 - source.length, stop: []});
    expect(endless).toBe(most);
    expect(await model.generate([])).toEqual([]);
  });

  it('uses the weights as they are now', async () => {
    const weight = model.weights.get('model.norm.weight');
    if (!weight) throw new Error('no such weight');
    const turned = tf.neg(weight);
    weight.assign(turned);
    turned.dispose();
    expect(await model.generate(prompts, {maxTokens})).not.toEqual(answers);
  });

  it('refuses what it cannot do, and leaves nothing behind', async () => {
    const tensors = tf.memory().numTensors;
    await expect(model.generate(['do '.repeat(100)])).rejects.toThrow(
      /prompt 0, "do .*", has \d+ tokens, expected 1 to 63/,
    );
    await expect(model.generate(['x'], {maxTokens: 0})).rejects.toThrow('maxTokens is 0');
    await expect(model.generate(['x'], {batchSize: 1.5})).rejects.toThrow('batchSize is 1.5');
    expect(tf.memory().numTensors).toBe(tensors);
  });
});
