import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readJson} from '../../../../test/read-file.js';
import {CausalModel, type GenerateOptions, loadModel, type StreamOptions} from '../index.js';

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
      tokenizer: {...model.tokenizer, decode},
    });
    await expect(broken.generate(prompts, {maxTokens: 2, batchSize: 1})).rejects.toThrow('no text');
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe('sampling', () => {
  const draw = (options: GenerateOptions) => model.generate(prompts, {maxTokens: 12, ...options});

  it('gives the same for the same seed, whatever the batches are, and something else for another', async () => {
    const drawn = await draw({seed: 5, temperature: 1.5});
    expect(await draw({seed: 5, temperature: 1.5, batchSize: 2})).toEqual(drawn);
    expect(await draw({seed: 5, temperature: 1.5})).toEqual(drawn);
    expect(await draw({seed: 6, temperature: 1.5})).not.toEqual(drawn);
    expect(await draw({temperature: 1.5})).not.toEqual(await draw({temperature: 1.5}));
    expect(new Set(await model.generate(new Array(8).fill(prompts[0]), {seed: 1, temperature: 1.5})).size).toBe(8);
  });

  it('takes the likeliest where nothing else may be drawn', async () => {
    const likeliest = await generate();
    for (const options of [{topK: 1}, {topP: 1e-6}, {temperature: 0, topK: 9, seed: 1}, {temperature: 1e-4}]) {
      expect(await draw(options)).toEqual(likeliest);
    }
    expect(await draw({seed: 1})).not.toEqual(likeliest);
  });
});

describe('stream', () => {
  const piecesOf = async (prompt: string, options?: StreamOptions) => {
    const pieces: string[] = [];
    for await (const piece of model.stream(prompt, options)) pieces.push(piece);
    return pieces;
  };

  it('gives the answer in pieces', async () => {
    const answers = await generate();
    for (const [i, prompt] of prompts.entries()) {
      const pieces = await piecesOf(prompt, {maxTokens: 12});
      expect(pieces.join('')).toBe(answers[i]);
      expect(pieces).not.toContain('');
    }
    const [longest] = [...answers.keys()].sort((a, b) => answers[b].length - answers[a].length);
    expect((await piecesOf(prompts[longest], {maxTokens: 12})).length).toBeGreaterThan(3);
    const sampled = {maxTokens: 12, seed: 3, temperature: 1.5, stopTexts: ['e', 'n']};
    expect((await piecesOf(prompts[0], sampled)).join('')).toBe((await model.generate([prompts[0]], sampled))[0]);
  });

  it('keeps nothing where it is never begun, left early, or fails', async () => {
    const {numTensors} = tf.memory();
    model.stream(prompts[0]);
    for await (const _ of model.stream(prompts[0])) break;
    expect(tf.memory().numTensors).toBe(numTensors);
    const half = model.stream(prompts[0]);
    await half.next();
    expect(tf.memory().numTensors).toBeGreaterThan(numTensors);
    await half.return();
    expect(tf.memory().numTensors).toBe(numTensors);
    const failing = model.stream(prompts[0]);
    await failing.next();
    await expect(failing.throw(new Error('enough'))).rejects.toThrow('enough');
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe('stop texts', () => {
  it('end an answer before them, each its own', async () => {
    const answers = await generate();
    const stopTexts = ['e', 'ns'];
    const cut = answers.map((answer) => answer.slice(0, (/e|ns/.exec(answer) ?? {index: answer.length}).index));
    expect(cut).not.toEqual(answers);
    for (const batchSize of [1, 64]) {
      expect(await model.generate(prompts, {maxTokens: 12, stopTexts, batchSize})).toEqual(cut);
    }
  });
});

describe('a signal', () => {
  it('ends generation with its reason, and nothing is left', async () => {
    const {numTensors} = tf.memory();
    const reason = new Error('enough of it');
    await expect(model.generate(prompts, {signal: AbortSignal.abort(reason)})).rejects.toBe(reason);
    const controller = new AbortController();
    const answering = model.generate(prompts, {maxTokens: 50, stop: [], signal: controller.signal});
    setTimeout(() => controller.abort(reason));
    await expect(answering).rejects.toBe(reason);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(await model.generate(prompts, {maxTokens: 12, signal: new AbortController().signal})).toEqual(
      await generate(),
    );
  });

  it('ends a stream with its reason, and nothing is left', async () => {
    const {numTensors} = tf.memory();
    const controller = new AbortController();
    const pieces: string[] = [];
    const streaming = async () => {
      for await (const piece of model.stream(prompts[0], {stop: [], signal: controller.signal})) {
        pieces.push(piece);
        if (pieces.length === 2) controller.abort();
      }
    };
    await expect(streaming()).rejects.toMatchObject({name: 'AbortError'});
    expect(pieces.length).toBe(2);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
