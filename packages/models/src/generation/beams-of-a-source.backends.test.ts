import * as tf from '@tensorflow/tfjs-core';
import {expect, it} from 'vitest';
import {readJson} from '../../../../test/read-file.js';
import {goldenUrl} from '../../golden/load-family.js';
import {loadT5} from '../../golden/load-t5.js';
import type {GenerateOptions} from '../index.js';

// What transformers' beam search makes of tiny T5s: see golden/make-t5.py.
interface Golden {
  generation: {prompt: string}[];
  beams: {setting: GenerateOptions; answers: string[]}[];
}

it.each(['t5', 't5-v1.1'])('%s searches beams as transformers does', async (name) => {
  const {numTensors} = tf.memory();
  const {generation, beams} = await readJson<Golden>(goldenUrl(`t5/${name}/golden.json`));
  const model = await loadT5(name);
  try {
    const prompts = generation.map(({prompt}) => prompt);
    for (const {setting, answers} of beams) expect(await model.generate(prompts, setting)).toEqual(answers);
    expect(new Set(beams.map(({answers}) => answers.join('\n'))).size).toBe(beams.length);
  } finally {
    model.dispose();
  }
  expect(tf.memory().numTensors).toBe(numTensors);
});
