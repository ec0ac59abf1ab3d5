import * as tf from '@tensorflow/tfjs-core';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {readJson} from '../../../../test/read-file.js';
import {goldenUrl, loadFamily} from '../../golden/load-family.js';
import {type CausalModel, type GenerateOptions, loadModel} from '../index.js';

// What transformers' beam search makes of the same models: see golden/make-beams.py.
interface Golden {
  prompts: string[];
  cases: {model: string; setting: GenerateOptions; answers: string[]}[];
}
const {prompts, cases} = await readJson<Golden>(goldenUrl('beams.json'));

describe.each([
  ['tiny-llama', () => loadModel(goldenUrl('tiny-llama'))],
  ['llama', () => loadFamily('llama')],
])('%s', (name, load) => {
  let model: CausalModel;
  let tensors: number;
  beforeAll(async () => {
    model = await load();
    tensors = tf.memory().numTensors;
  });
  afterAll(() => {
    expect(tf.memory().numTensors).toBe(tensors);
    model.dispose();
  });

  const own = cases.filter((each) => each.model === name);
  it.each(own)('answers as transformers does: $setting', async ({setting, answers}) => {
    expect(await model.generate(prompts, setting)).toEqual(answers);
  });

  it('has settings that differ, and gives a prompt the same answer alone', async () => {
    expect(new Set(own.map(({answers}) => answers.join('\n'))).size).toBeGreaterThan(5);
    const {setting, answers} = own[1];
    expect(await model.generate(prompts, {...setting, batchSize: 1})).toEqual(answers);
  });

  it('ends at a stop text, and at a signal', async () => {
    const {setting} = own[1];
    const [answer] = await model.generate(prompts.slice(0, 1), {...setting, stopTexts: ['e']});
    expect(answer).not.toContain('e');
    const signal = AbortSignal.timeout(1);
    await expect(model.generate(prompts, {...setting, signal})).rejects.toMatchObject({name: 'TimeoutError'});
  });
});
