import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {errorOf, gradientOf, loadBase, readCase, readFilesOf, valuesOf} from '../golden/adapter-fixture.js';
import {loadAdapter} from './index.js';

// On every backend a case of each kind, with both layouts; peft.test.ts has the others, and training.

let tensorsBefore: number;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  tf.disposeVariables();
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

describe.each(['lora', 'pissa-dora-gpt2', 'ia3-bert', 'prompt-t5', 'prefix'])('%s', (name) => {
  it('has the logits, the gradients and the answers of PEFT, and the same logits when it is merged', async () => {
    const {golden, tensors} = await readCase(name);
    const {model, logits, loss} = await loadBase(golden);
    const plain = await valuesOf(logits());
    const adapter = await loadAdapter(model, await readFilesOf(name));
    const made = await valuesOf(logits());
    expect(errorOf(made, tensors.get('logits'))).toBeLessThan(1e-4);
    const {value, grads} = tf.variableGrads(() => loss(true));
    expect((await valuesOf(value))[0] / golden.losses[0]).toBeCloseTo(1, 4);
    for (const [key, gradient] of Object.entries(grads)) {
      const wanted = gradientOf(tensors, key, gradient.size);
      expect(errorOf(await valuesOf(gradient), wanted), key).toBeLessThan(1e-4);
    }
    const {texts, answers} = golden;
    if (texts && answers && 'generate' in model) {
      const wanted = answers.map((ids) => model.tokenizer.decode(ids.slice(0, 3)));
      expect(await model.generate(texts, {maxTokens: 3, stop: []})).toEqual(wanted);
    }
    if (!name.startsWith('pr')) {
      adapter.merge();
      expect(errorOf(await valuesOf(logits()), made)).toBeLessThan(1e-5);
    }
    adapter.detach();
    expect(await valuesOf(logits())).toEqual(plain);
  });
});
