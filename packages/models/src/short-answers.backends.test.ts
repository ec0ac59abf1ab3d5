import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readJson} from '../../../test/read-file.js';
import {goldenUrl} from '../golden/load-family.js';
import {type CausalModel, type GenerateOptions, loadModel} from './index.js';

// What the tests in generation/ ask for in hundreds of tokens, in three: a backend that compiles a shader for each new shape
// takes seconds for them on a processor, and minutes for those.

interface Golden {
  generation: {prompt: string; ids: number[]}[];
}
interface Beams {
  prompts: string[];
  cases: {model: string; setting: GenerateOptions; answers: string[]}[];
}
const {generation} = await readJson<Golden>(goldenUrl('golden.json'));
const {prompts: beamPrompts, cases} = await readJson<Beams>(goldenUrl('beams.json'));
/** One that goes on and a shorter one that ends with its first token: the first is then alone, as it is by itself below. */
const chosen = generation.slice(0, 2);
const prompts = chosen.map(({prompt}) => prompt);

describe('answers of three tokens', () => {
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

  it('are transformers’, greedy, drawn where nothing else may be drawn, and in pieces; a row leaves as it ends', async () => {
    const wanted = chosen.map(({ids}) => model.tokenizer.decode(ids.slice(0, 3)));
    expect(chosen.map(({ids}) => Math.min(3, ids.length))).toEqual([3, 1]);
    const {numTensors} = tf.memory();
    expect(await model.generate(prompts, {maxTokens: 3})).toEqual(wanted);
    expect(await model.generate(prompts, {maxTokens: 3, topK: 1, temperature: 2, seed: 1})).toEqual(wanted);
    const pieces: string[] = [];
    for await (const piece of model.stream(prompts[0], {maxTokens: 2})) pieces.push(piece);
    expect(pieces.join('')).toBe(model.tokenizer.decode(chosen[0].ids.slice(0, 2)));
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('are transformers’ by beam search', async () => {
    const [{setting, answers}] = cases.filter((each) => each.setting.maxTokens === 3 && each.model === 'tiny-llama');
    expect(await model.generate(beamPrompts.slice(0, 1), setting)).toEqual(answers.slice(0, 1));
  });
});
