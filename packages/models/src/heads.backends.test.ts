import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readJson} from '../../../test/read-file.js';
import {readAndDispose} from '../golden/compare.js';
import {
  type EncoderGolden,
  encoders,
  errorOf,
  readEncoder,
  readGolden,
  readTensors,
} from '../golden/encoder-fixture.js';
import {families, goldenUrl, readFamily} from '../golden/load-family.js';
import {
  type HeadModel,
  loadClassifier,
  loadMaskedModel,
  loadMultipleChoice,
  loadSpanExtractor,
  type TokenRow,
} from './index.js';

// What transformers and torch make of the heads of tiny models: see golden/make-encoders.py.

/** A model that is freed at the end of the test. */
async function loaded<T extends HeadModel>(model: Promise<T>): Promise<T> {
  made.push(await model);
  return model;
}

let tensorsBefore: number;
const made: HeadModel[] = [];
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  for (const model of made.splice(0)) model.dispose();
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

describe.each(encoders)('%s', (name) => {
  let golden: EncoderGolden;
  let tensors: Map<string, Float32Array>;
  let rows: TokenRow[];
  beforeEach(async () => {
    golden = await readGolden(name);
    tensors = await readTensors(`encoders/${name}/golden.safetensors`);
    rows = golden.inputs.map((ids, i) => ({ids, tokenTypes: golden.tokenTypes[i]}));
  });
  const class_ = (end: string) => `${name === 'bert' ? 'Bert' : 'DistilBert'}${end}`;
  const reader = (files: string[], end: string, config: object = {}) =>
    readEncoder(name, name === 'bert' ? ['pooler', ...files] : files, {architectures: [class_(end)], ...config});
  const goldenOf = (key: string): Float32Array => {
    const found = tensors.get(key);
    if (!found) throw new Error(`no golden ${key}`);
    return found;
  };

  /** Holds a loss to torch's, with the gradient by every weight; then takes two steps. */
  async function holdTo(task: string, model: HeadModel, loss: (recompute: boolean) => tf.Scalar): Promise<void> {
    // Blocks are the same whatever the head: once more where one token is read, and where each is.
    for (const recompute of task === 'single' || task === 'span' ? [false, true] : [false]) {
      const {value, grads} = tf.variableGrads(() => loss(recompute));
      expect(Math.abs((await readAndDispose(value))[0] / golden.losses[task] - 1), task).toBeLessThan(1e-4);
      expect(Object.keys(grads).sort()).toEqual([...model.weights.keys()].sort());
      for (const [key, gradient] of Object.entries(grads)) {
        const wanted = goldenOf(`${task}.gradient.${key}`);
        expect(errorOf(await readAndDispose(gradient), wanted), `${task}: ${key}`).toBeLessThan(1e-4);
      }
    }
    const optimizer = tf.train.sgd(1e-2);
    const {numTensors} = tf.memory();
    for (let step = 0; step < 2; step++) optimizer.minimize(() => loss(false));
    expect(tf.memory().numTensors).toBe(numTensors);
    optimizer.dispose();
    const [after] = await readAndDispose(loss(false));
    expect(after).toBeLessThan(golden.losses[task]);
  }

  /** Holds logits of all rows at once, and of each alone, to transformers'. */
  async function holdLogits(key: string, width: number, make: (rows: TokenRow[]) => tf.Tensor): Promise<void> {
    const wanted = goldenOf(key);
    expect(errorOf(await readAndDispose(make(rows)), wanted)).toBeLessThan(1e-4);
    for (const [i, row] of rows.entries()) {
      const part = wanted.subarray(i * width, (i + 1) * width);
      expect(errorOf(await readAndDispose(make([row])), part)).toBeLessThan(1e-4);
    }
  }

  it.each([
    ['single', 'single_label_classification'],
    ['multi', 'multi_label_classification'],
    ['regression', 'regression'],
  ] as const)('classifies as transformers does: %s', async (task, problem_type) => {
    const read = await reader(['classification'], 'ForSequenceClassification', {problem_type});
    const model = await loaded(loadClassifier(name, {read}));
    expect(model.labels).toEqual(['LABEL_0', 'LABEL_1', 'LABEL_2']);
    expect(model.problem).toBe(problem_type);
    await holdLogits('classification.logits', 3, (rows) => model.logits(rows));
    await holdTo(task, model, (recompute) => model.loss({inputs: rows, labels: golden.labels[task]}, {recompute}));
  });

  it('chooses as transformers does', async () => {
    const model = await loaded(loadMultipleChoice(name, {read: await reader(['choice'], 'ForMultipleChoice')}));
    const inputs = [rows.slice(0, 3), rows.slice(3)];
    expect(errorOf(await readAndDispose(model.logits(inputs)), goldenOf('choice.logits'))).toBeLessThan(1e-4);
    await holdTo('choice', model, (recompute) => model.loss({inputs, labels: golden.choice}, {recompute}));
  });

  it('finds spans as transformers does', async () => {
    const model = await loaded(loadSpanExtractor(name, {read: await reader(['span'], 'ForQuestionAnswering')}));
    for (const end of ['start', 'end'] as const) {
      const logitsOf = (inputs: TokenRow[]) => {
        const {start, end: last} = model.logits(inputs);
        const [kept, other] = end === 'start' ? [start, last] : [last, start];
        other.dispose();
        return kept;
      };
      const whole = logitsOf(rows);
      const [, length] = whole.shape;
      const values = await readAndDispose(whole);
      let first = 0;
      for (const [i, row] of rows.entries()) {
        const {length: own} = golden.inputs[i];
        const part = goldenOf(`span.${end}`).subarray(first, first + own);
        first += own;
        expect(errorOf(values.subarray(i * length, i * length + own), part)).toBeLessThan(1e-4);
        expect(errorOf(await readAndDispose(logitsOf([row])), part)).toBeLessThan(1e-4);
        expect(Math.max(...values.subarray(i * length + own, (i + 1) * length))).toBeLessThan(-1e8);
      }
    }
    const {starts, ends} = golden;
    await holdTo('span', model, (recompute) => model.loss({inputs: rows, starts, ends}, {recompute}));
  });

  it('has the hidden states of transformers', async () => {
    const model = await loaded(loadSpanExtractor(name, {read: await reader(['span'], 'ForQuestionAnswering')}));
    const whole = model.hidden(rows);
    const [, length, size] = whole.shape;
    const values = await readAndDispose(whole);
    let first = 0;
    for (const [i, {length: own}] of golden.inputs.entries()) {
      const part = goldenOf('hidden').subarray(first * size, (first + own) * size);
      first += own;
      expect(errorOf(values.subarray(i * length * size, (i * length + own) * size), part)).toBeLessThan(1e-4);
    }
  });

  it('fills gaps as transformers does', async () => {
    const model = await loaded(loadMaskedModel(name, {read: await reader(['masked'], 'ForMaskedLM')}));
    const wanted = goldenOf('masked.logits');
    const whole = model.logits(rows);
    const [, length, size] = whole.shape;
    const values = await readAndDispose(whole);
    let first = 0;
    for (const [i, row] of rows.entries()) {
      const own = golden.inputs[i].length * size;
      const part = wanted.subarray(first, first + own);
      first += own;
      expect(errorOf(values.subarray(i * length * size, i * length * size + own), part)).toBeLessThan(1e-4);
      expect(errorOf(await readAndDispose(model.logits([row])), part)).toBeLessThan(1e-4);
    }
    const {targets, weights} = golden;
    await holdTo('masked', model, (recompute) => model.loss({inputs: rows, targets, weights}, {recompute}));
  });

  it('makes a head where one is asked for, the same by the same seed', async () => {
    const read = await readEncoder(name, []);
    const load = (seed: number) =>
      loadClassifier(name, {
        read,
        head: 'new',
        labels: ['no', 'yes', 'who knows', 'both'],
        seed,
        scope: `${made.length}`,
      });
    const drawn: Float32Array[] = [];
    for (const seed of [0, 0, 1]) {
      const model = await loaded(load(seed));
      const values = async (key: string) => Float32Array.from((await model.weights.get(key)?.data()) ?? []);
      drawn.push(await values('classifier.weight'));
      expect(await values('classifier.bias')).toEqual(new Float32Array(4));
      const [{labels, scores}] = await model.predict(['The cat sat.']);
      expect(model.labels).toContain(labels[0]);
      expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 5);
    }
    expect(drawn[0]).toEqual(drawn[1]);
    expect(drawn[0]).not.toEqual(drawn[2]);
    const spread = Math.sqrt(drawn[0].reduce((sum, x) => sum + x * x, 0) / drawn[0].length);
    expect(spread).toBeGreaterThan(0.15); // initializer_range is 0.3
    expect(spread).toBeLessThan(0.6);
  });
});

interface Decoder {
  inputs: number[][];
  labels: number[];
  logits: number[][];
  loss: number;
  /** Of each weight's gradient: its norm, and its products with the cosines and sines of 0, 1, 2, … */
  gradients: Record<string, [number, number, number]>;
}

describe.each(families)('%s as a classifier', (name) => {
  it('reads the label off the last token, as transformers does, padded and unpadded', async () => {
    const golden = (await readJson<Record<string, Decoder>>(goldenUrl('encoders/decoders.json')))[name];
    const score = (await readTensors('encoders/decoders.safetensors')).get(`${name}.score.weight`);
    const model = await loaded(loadClassifier(name, {read: readFamily(name), head: 'new', labels: ['a', 'b', 'c']}));
    tf.tidy(() => model.weights.get('score.weight')?.assign(tf.tensor2d(score ?? [], [3, 16])));
    const wanted = Float32Array.from(golden.logits.flat());
    expect(errorOf(await readAndDispose(model.logits(golden.inputs)), wanted)).toBeLessThan(1e-4);
    for (const [i, row] of golden.inputs.entries()) {
      const own = wanted.subarray(i * 3, i * 3 + 3);
      expect(errorOf(await readAndDispose(model.logits([row])), own)).toBeLessThan(1e-4);
    }
    const {value, grads} = tf.variableGrads(() => model.loss({inputs: golden.inputs, labels: golden.labels}));
    expect(Math.abs((await readAndDispose(value))[0] / golden.loss - 1)).toBeLessThan(1e-4);
    expect(Object.keys(grads).sort()).toEqual(Object.keys(golden.gradients).sort());
    for (const [key, gradient] of Object.entries(grads)) {
      const values = await readAndDispose(gradient);
      const [norm, ...waves] = golden.gradients[key];
      const sum = (by: (value: number, at: number) => number) =>
        values.reduce((sum, value, at) => sum + by(value, at), 0);
      expect(Math.abs(Math.sqrt(sum((x) => x * x)) - norm), key).toBeLessThan(1e-4 * Math.max(norm, 1e-2));
      for (const [i, wave] of [Math.cos, Math.sin].entries()) {
        expect(Math.abs(sum((x, at) => x * wave(at)) - waves[i]), key).toBeLessThan(1e-4 * Math.max(norm, 1e-2));
      }
    }
  });
});
