import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {errorOf, loadBase, readCase, readFilesOf, valuesOf} from '../golden/adapter-fixture.js';
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

describe.each(['lora', 'pissa-dora-gpt2', 'ia3-bert'])('%s', (name) => {
  it('has the logits and the gradients of PEFT, and the same logits when it is merged', async () => {
    const {golden, tensors} = await readCase(name);
    const {model, logits, loss} = await loadBase(golden);
    const plain = await valuesOf(logits());
    const adapter = await loadAdapter(model, await readFilesOf(name));
    const made = await valuesOf(logits());
    expect(errorOf(made, tensors.get('logits'))).toBeLessThan(1e-4);
    const {value, grads} = tf.variableGrads(() => loss(true));
    expect((await valuesOf(value))[0] / golden.losses[0]).toBeCloseTo(1, 4);
    for (const [key, gradient] of Object.entries(grads)) {
      const stored = `gradient.base_model.model.${key.replace('adapter/', '')}`;
      expect(errorOf(await valuesOf(gradient), tensors.get(stored)), key).toBeLessThan(1e-4);
    }
    adapter.merge();
    expect(errorOf(await valuesOf(logits()), made)).toBeLessThan(1e-5);
    adapter.detach();
    expect(await valuesOf(logits())).toEqual(plain);
  });
});
