import {readFileSync} from 'node:fs';
import {dirname} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {realModel} from '../../../../test/real-model.js';
import {type Golden, hashesOf} from '../../golden/gguf-fixture.js';
import type {CausalModel} from '../causal-model.js';
import {loadModel} from '../index.js';

const path = realModel('smollm2');

describe.skipIf(path === undefined)('SmolLM2-135M-Instruct, as transformers reads its GGUF file', () => {
  const file = new URL('../../golden/gguf/smollm2.json', import.meta.url);
  const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden & {answer: string; otherInTransformers: number[]};
  let model: CausalModel;
  let tensorsBefore: number;
  beforeAll(async () => {
    expect(await tf.setBackend('wasm')).toBe(true);
    tensorsBefore = tf.memory().numTensors;
    model = await loadModel(dirname(path ?? ''));
  });
  afterAll(() => {
    model.dispose();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  it('has its weights bit for bit', () => {
    expect(hashesOf(model)).toEqual(golden.sha256);
  });

  it('has its logits and its answer', async () => {
    const {prompt, ids, logits, answer, made} = golden;
    expect(model.tokenizer.encode(prompt)).toEqual(ids);
    const last = tf.tidy(() => {
      const all = model.logits([ids]);
      return all.slice([0, ids.length - 1], [1, 1]).dataSync();
    });
    expect(logits.length).toBeGreaterThan(40);
    const worst = Math.max(...logits.map(([place, logit]) => Math.abs(last[place] - logit)));
    expect(worst).toBeLessThan(1e-3);
    expect(answer).toBe('The capital of France is Paris.');
    expect(await model.generate([prompt], {maxTokens: made.length})).toEqual([answer]);
  });

  it('has its ids of texts', () => {
    const {texts, otherInTransformers} = golden;
    for (const {text, ids, decoded} of texts) {
      expect([text, ...model.tokenizer.encode(text)]).toEqual([text, ...ids]);
      expect([text, model.tokenizer.decode(ids)]).toEqual([text, decoded]);
    }
    // Where transformers as it is gives other ids, it has not split a digit from the spaces before it.
    for (const at of otherInTransformers) expect(texts[at].text).toMatch(/\s\p{N}/u);
    expect(otherInTransformers.length).toBeLessThan(texts.length / 10);
  });
});
