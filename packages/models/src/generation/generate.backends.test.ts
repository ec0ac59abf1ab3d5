import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readJson} from '../../../../test/read-file.js';
import {CausalModel, loadModel} from '../index.js';

const {generation} = await readJson<{generation: {prompt: string}[]}>(
  new URL('../../golden/golden.json', import.meta.url),
);
const prompts = generation.map(({prompt}) => prompt);

let model: CausalModel;
let seed: Map<string, tf.Tensor>;
let tuned: Map<string, tf.Tensor>;
let tensorsBefore: number;
beforeEach(async () => {
  tensorsBefore = tf.memory().numTensors;
  model = await loadModel(new URL('../../golden/tiny-llama', import.meta.url));
  seed = new Map(Array.from(model.weights, ([name, weight]) => [name, weight.clone()]));
  // The last norm and the embeddings together give the seed's last layer again: half of the change is another model.
  const turned = ['model.norm.weight', 'model.embed_tokens.weight', 'model.layers.0.mlp.down_proj.weight'];
  tuned = new Map(
    Array.from(seed, ([name, weight]) => [name, turned.includes(name) ? tf.neg(weight) : weight.clone()]),
  );
});
afterEach(() => {
  tf.dispose([...seed.values(), ...tuned.values()]);
  model.dispose();
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

/** Makes the model another, at once, as applying a delta does. */
function become(values: ReadonlyMap<string, tf.Tensor>): void {
  for (const [name, weight] of model.weights) {
    const value = values.get(name)?.clone();
    if (value) weight.assign(value);
    value?.dispose();
  }
}

const generate = (batchSize = 64) => model.generate(prompts, {maxTokens: 12, batchSize});
async function answersOf(values: ReadonlyMap<string, tf.Tensor>): Promise<string[]> {
  become(values);
  return generate();
}

describe('an answer is of the weights at the call', () => {
  it.each([
    ['all at once', 64],
    ['in batches', 2],
  ])('whatever is assigned to them until it ends: %s', async (_, batchSize) => {
    const [ofTuned, ofSeed] = [await answersOf(tuned), await answersOf(seed)];
    expect(ofTuned).not.toEqual(ofSeed);
    for (const {now, other, wanted} of [
      {now: seed, other: tuned, wanted: ofSeed},
      {now: tuned, other: seed, wanted: ofTuned},
    ]) {
      become(now);
      let ended = false;
      const answering = generate(batchSize).finally(() => {
        ended = true;
      });
      let switched = 0;
      for (; !ended; switched++) {
        become(switched % 3 < 2 ? other : now);
        // Some backends answer within a few promises, others need a turn of the event loop a token.
        await (switched < 50 ? null : new Promise((resolve) => setTimeout(resolve)));
      }
      expect(switched).toBeGreaterThan(3);
      expect(await answering).toEqual(wanted);
    }
  });

  it('of as many calls at once as there are', async () => {
    const [ofTuned, ofSeed] = [await answersOf(tuned), await answersOf(seed)];
    const first = generate();
    become(tuned);
    const [second, third] = [generate(2), generate()];
    become(seed);
    const fourth = generate();
    become(tuned);
    expect(await Promise.all([first, second, third, fourth])).toEqual([ofSeed, ofTuned, ofTuned, ofSeed]);
  });

  it('and ends though the model is disposed of', async () => {
    const answers = await generate(2);
    const answering = generate(2);
    model.dispose();
    expect(await answering).toEqual(answers);
  });
});

describe('what fails keeps nothing', () => {
  it('where a weight is gone', async () => {
    const {numTensors} = tf.memory();
    model.weights.get('model.norm.weight')?.dispose();
    const message = 'the weight model.norm.weight is disposed, expected the model to live on';
    await expect(generate()).rejects.toThrow(message);
    expect(() => model.logits([[1]])).toThrow(message);
    expect(() => model.loss({inputs: [[1]], targets: [[1]], weights: [[1]]})).toThrow(message);
    expect(tf.memory().numTensors).toBe(numTensors - 1);
  });

  it('where it breaks off in the middle', async () => {
    const {numTensors} = tf.memory();
    const decode = (): string => {
      throw new Error('no text');
    };
    const broken = new CausalModel({
      ...model,
      tokenizer: {encode: (text) => model.tokenizer.encode(text), decode},
    });
    await expect(broken.generate(prompts, {maxTokens: 2, batchSize: 1})).rejects.toThrow('no text');
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
