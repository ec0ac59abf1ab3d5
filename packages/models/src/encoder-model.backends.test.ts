import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readAndDispose} from '../golden/compare.js';
import {
  type EncoderGolden,
  encoders,
  errorOf,
  readEncoder,
  readGolden,
  readTensors,
} from '../golden/encoder-fixture.js';
import {type EncoderModel, loadEncoder} from './index.js';

// What transformers makes of a tiny BERT and a tiny DistilBERT: see golden/make-encoders.py.

describe.each(encoders)('%s', (name) => {
  let model: EncoderModel;
  let golden: EncoderGolden;
  let tensors: Map<string, Float32Array>;
  let tensorsBefore: number;
  beforeEach(async () => {
    tensorsBefore = tf.memory().numTensors;
    model = await loadEncoder(name, {read: await readEncoder(name, name === 'bert' ? ['pooler'] : [])});
    golden = await readGolden(name);
    tensors = await readTensors(`encoders/${name}/golden.safetensors`);
  });
  afterEach(() => {
    model.dispose();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });
  const rows = () => golden.inputs.map((ids, i) => ({ids, tokenTypes: golden.tokenTypes[i]}));

  it('has the hidden states of transformers, padded and unpadded', async () => {
    const wanted = tensors.get('hidden') ?? new Float32Array();
    const whole = model.hidden(rows());
    const [, length, width] = whole.shape;
    const values = await readAndDispose(whole);
    let start = 0;
    for (const [i, row] of rows().entries()) {
      const size = row.ids.length * width;
      const part = wanted.subarray(start, start + size);
      start += size;
      expect(errorOf(values.subarray(i * length * width, i * length * width + size), part)).toBeLessThan(1e-4);
      expect(errorOf(await readAndDispose(model.hidden([row])), part)).toBeLessThan(1e-4);
    }
    expect(start).toBe(wanted.length);
  });

  it('pools as the originals do, padded and unpadded', async () => {
    const kinds = name === 'bert' ? (['cls', 'mean', 'max', 'pooler'] as const) : (['cls', 'mean', 'max'] as const);
    for (const kind of kinds) {
      const wanted = tensors.get(`pooled.${kind}`) ?? new Float32Array();
      expect(errorOf(await readAndDispose(model.pooled(rows(), kind)), wanted), kind).toBeLessThan(1e-4);
      const width = model.config.hiddenSize;
      for (const [i, row] of rows().entries()) {
        const own = await readAndDispose(model.pooled([row], kind));
        expect(errorOf(own, wanted.subarray(i * width, (i + 1) * width)), kind).toBeLessThan(1e-4);
      }
    }
    if (name === 'distilbert') expect(() => model.pooled(rows(), 'pooler')).toThrow('distilbert has no pooler');
  });

  it('has the gradient of sentence embeddings by every weight', async () => {
    const own = [...model.weights.values()].filter(({name}) => !name.startsWith('pooler.'));
    const {value, grads} = tf.variableGrads(() => {
      const pooled = model.pooled(rows(), 'mean');
      const embeddings = tf.div(pooled, tf.sqrt(tf.sum(tf.square(pooled), 1, true)));
      return tf.sum(tf.mul(embeddings, tf.tensor2d(golden.coefficients))) as tf.Scalar;
    }, own);
    expect((await readAndDispose(value))[0]).toBeCloseTo(golden.losses.embeddings, 4);
    expect(Object.keys(grads).length).toBe(own.length);
    for (const [key, gradient] of Object.entries(grads)) {
      const wanted = tensors.get(`embeddings.gradient.${key}`);
      expect(errorOf(await readAndDispose(gradient), wanted), key).toBeLessThan(1e-4);
    }
  });

  it('embeds texts, alike alone and among others, and cut where they are too long', async () => {
    const texts = ['The cat sat.', 'Who ran? A big dog ran to the house!', 'a', 'cat '.repeat(50)];
    const all = await model.embed(texts, {batchSize: 3});
    for (const [i, text] of texts.entries()) {
      const [alone] = await model.embed([text]);
      expect(errorOf(all[i], alone)).toBeLessThan(1e-5);
      const ids = model.tokenizer.encode(text, {maxTokens: model.maxTokens});
      expect(errorOf(alone, await readAndDispose(model.pooled([ids], 'mean')))).toBeLessThan(1e-6);
    }
    expect(model.maxTokens).toBe(20);
    expect(await model.embed([])).toEqual([]);
  });
});
