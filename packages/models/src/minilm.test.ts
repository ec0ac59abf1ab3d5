import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {dirname} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {realModel} from '../../../test/real-model.js';
import {errorOf} from '../golden/encoder-fixture.js';
import {type EncoderModel, loadClassifier, loadEncoder} from './index.js';

const path = realModel('minilm');

interface Hash {
  lines: number;
  tokens: number;
  sha256: string;
}
interface Golden {
  sentences: {text: string; ids: number[]; embedding: number[]; hidden: number[][]}[];
  texts: Hash;
  files: Record<string, Hash>;
}

describe.skipIf(path === undefined)('all-MiniLM-L6-v2, as transformers computes it', () => {
  const readGolden = (name: string) => JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8'));
  const golden: Golden = readGolden('minilm.json');
  const folder = dirname(path ?? '');
  let model: EncoderModel;
  let tensorsBefore: number;
  beforeAll(async () => {
    expect(await tf.setBackend('wasm')).toBe(true);
    tensorsBefore = tf.memory().numTensors;
    model = await loadEncoder(folder);
  });
  afterAll(() => {
    model.dispose();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  it('has the names of its own checkpoint, and pools as its files say', () => {
    expect(model.weights.size).toBe(103);
    expect(model.weights.has('encoder.layer.5.output.LayerNorm.bias')).toBe(true);
    expect(model.weights.get('pooler.dense.weight')?.shape).toEqual([384, 384]);
    expect(model.pooling).toEqual({kind: 'mean', normalise: true});
    expect(model.maxTokens).toBe(256);
  });

  it('has its embeddings of sentences, together and alone', async () => {
    const texts = golden.sentences.map(({text}) => text);
    const all = await model.embed(texts, {batchSize: 3}); // the long one by itself
    for (const [i, {text, embedding}] of golden.sentences.entries()) {
      expect(errorOf(all[i], Float32Array.from(embedding)), text).toBeLessThan(1e-4);
      const [alone] = await model.embed([text]);
      expect(errorOf(alone, Float32Array.from(embedding)), text).toBeLessThan(1e-4);
    }
    const likeness = (a: number, b: number) => all[a].reduce((sum, x, i) => sum + x * all[b][i], 0);
    expect(likeness(0, 1)).toBeGreaterThan(likeness(0, 2) + 0.3);
  });

  it('has its hidden states', async () => {
    for (const {text, ids, hidden} of golden.sentences) {
      expect([text, ...model.tokenizer.encode(text, {maxTokens: 256})]).toEqual([text, ...ids]);
      const states = model.hidden([ids]);
      const values = await states.data<'float32'>();
      states.dispose();
      const places = [0, Math.floor(ids.length / 2), ids.length - 1];
      const found = places.flatMap((at) => [...values.subarray(at * 384, at * 384 + 8)]);
      expect(errorOf(Float32Array.from(found), Float32Array.from(hidden.flat())), text).toBeLessThan(1e-4);
    }
  });

  const hashOf = (lines: string[]): Hash => {
    const ids = lines.map((line) => model.tokenizer.encode(line));
    const text = ids.map((each) => JSON.stringify(each)).join('\n');
    const tokens = ids.reduce((sum, {length}) => sum + length, 0);
    return {lines: lines.length, tokens, sha256: createHash('sha256').update(text).digest('hex')};
  };
  const linesOf = (file: string | URL) => readFileSync(file, 'utf8').split('\n').slice(0, 2000);

  it('has its ids of the texts of the repository', () => {
    expect(hashOf(readGolden('tokenizers.json').texts)).toEqual(golden.texts);
    const files = Object.keys(golden.files);
    const root = new URL('../../../', import.meta.url);
    expect(Object.fromEntries(files.map((file) => [file, hashOf(linesOf(new URL(file, root)))]))).toEqual(golden.files);
  });

  it('learns as a classifier with a new head, from its first step on', async () => {
    const {numTensors} = tf.memory();
    const classifier = await loadClassifier(folder, {head: 'new', labels: ['animal', 'money'], scope: 'classifier'});
    const inputs = golden.sentences.slice(1, 3).map(({ids}) => ids);
    const losses: number[] = [];
    const optimizer = tf.train.sgd(0.05);
    for (let step = 0; step < 3; step++) {
      const loss = optimizer.minimize(() => classifier.loss({inputs, labels: [0, 1]}), true);
      losses.push((await loss?.data())?.[0] ?? Number.NaN);
      loss?.dispose();
    }
    optimizer.dispose();
    expect(losses[2]).toBeLessThan(losses[0]);
    expect(classifier.weights.has('bert.pooler.dense.weight')).toBe(true);
    classifier.dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
