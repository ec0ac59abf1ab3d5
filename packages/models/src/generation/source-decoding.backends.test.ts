import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readJson} from '../../../../test/read-file.js';
import {goldenUrl} from '../../golden/load-family.js';
import {loadT5} from '../../golden/load-t5.js';
import type {EncoderDecoderModel, GenerateOptions} from '../index.js';

// What transformers makes of tiny T5s: see golden/make-t5.py.
interface Golden {
  generation: {prompt: string; answer: string}[];
  beams: {setting: GenerateOptions; answers: string[]}[];
}

describe.each(['t5', 't5-v1.1'])('%s', (name) => {
  let model: EncoderDecoderModel;
  let golden: Golden;
  let prompts: string[];
  let tensorsBefore: number;
  beforeEach(async () => {
    tensorsBefore = tf.memory().numTensors;
    model = await loadT5(name);
    golden = await readJson<Golden>(goldenUrl(`t5/${name}/golden.json`));
    prompts = golden.generation.map(({prompt}) => prompt);
  });
  afterEach(() => {
    model.dispose();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  it('answers the same alone and among others, whole and piece by piece', async () => {
    const answers = golden.generation.map(({answer}) => answer);
    expect(await model.generate(prompts, {maxTokens: 6})).toEqual(answers);
    expect(await model.generate(prompts, {maxTokens: 6, batchSize: 1})).toEqual(answers);
    const pieces: string[] = [];
    for await (const piece of model.stream(prompts[0], {maxTokens: 6})) pieces.push(piece);
    expect(pieces.join('')).toBe(answers[0]);
  });

  it('searches beams as transformers does', async () => {
    const {beams} = golden;
    for (const {setting, answers} of beams) expect(await model.generate(prompts, setting)).toEqual(answers);
    expect(new Set(beams.map(({answers}) => answers.join('\n'))).size).toBe(beams.length);
  });
});
