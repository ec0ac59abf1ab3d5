import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {errorOf, gradientsOf, readAndDispose} from '../golden/compare.js';
import {encoders, readEncoder} from '../golden/encoder-fixture.js';
import {families, loadFamily} from '../golden/load-family.js';
import {type Decorator, loadEncoder, loadSpanExtractor} from './index.js';

// A prompt that is a text is as that text before each row. The adapters' tests hold prompts and prefixes to PEFT's.

const TEXT = [7, 41, 19];
const ROW = [30, 12, 33, 44, 21];

let tensorsBefore: number;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  tf.disposeVariables();
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

/** Decorates nothing but what stands before rows. */
const before = (virtual: Pick<Decorator, 'prompt' | 'prefix'>): Decorator => ({
  begin: () => (verbs) => verbs,
  ...virtual,
});

/** A prompt of variables, which begin as these. */
function promptOf(embedded: tf.Tensor2D): Decorator & {weights: Map<string, tf.Variable>} {
  const variable = tf.variable(embedded, true, 'own');
  embedded.dispose();
  const [tokens] = variable.shape;
  return {
    ...before({prompt: {tokens, embed: (weights) => weights.get('own') as tf.Tensor2D}}), // of the next line
    weights: new Map([['own', variable]]),
  };
}

describe.each(families)('a prompt over %s', (name) => {
  it('is as its text before each row', async () => {
    const model = await loadFamily(name);
    const long = [
      [...TEXT, ...ROW],
      [...TEXT, ...[...ROW].reverse()],
    ];
    const short = [ROW, [...ROW].reverse()];
    const last = (x: tf.Tensor3D) => readAndDispose(tf.tidy(() => x.slice([0, TEXT.length])));
    const hidden = model.hidden(long);
    const wanted = await last(hidden);
    hidden.dispose();
    const batch = (inputs: number[][]) => ({
      inputs,
      targets: inputs,
      weights: inputs.map((row) => row.map((_, i) => Number(i > row.length - 3))),
    });
    const loss = await gradientsOf(() => model.loss(batch(long)));
    const question = model.tokenizer.encode('The sea');
    const answer: number[] = [];
    for (let step = 0; step < 4; step++) {
      const read = [...TEXT, ...question, ...answer];
      answer.push(
        ...(await readAndDispose(
          tf.tidy(() =>
            model
              .logits([read])
              .slice([0, read.length - 1])
              .argMax(2),
          ),
        )),
      );
    }

    const decorator = promptOf(model.embedTokens(TEXT));
    const remove = model.decorate(decorator);
    expect(model.maxRowTokens).toBe(model.config.maxPositions - TEXT.length);
    expect(errorOf(await readAndDispose(model.hidden(short)), wanted)).toBeLessThan(1e-5);
    for (const weight of model.weights.values()) weight.trainable = false;
    const gradients: Float32Array[] = [];
    for (const recompute of [false, true]) {
      const made = await gradientsOf(() => model.loss(batch(short), {recompute}));
      expect(made.loss).toBeCloseTo(loss.loss, 4);
      expect([...made.gradients.keys()]).toEqual(['own']);
      gradients.push(made.gradients.get('own') ?? new Float32Array());
    }
    expect(gradients[0].some((value) => value !== 0)).toBe(true);
    expect(errorOf(gradients[1], gradients[0])).toBeLessThan(1e-5);
    const [alone] = await model.generate(['The sea'], {maxTokens: 4, stop: []});
    expect(alone).toBe(model.tokenizer.decode(answer));
    const [among] = await model.generate(['The sea', 'I am here.'], {maxTokens: 4, stop: []});
    expect(among).toBe(alone);
    remove();
    expect(model.maxRowTokens).toBe(model.config.maxPositions);
  });
});

describe.each(encoders)('a prompt over %s', (name) => {
  it('is in no hidden state, but is the first token of what reads that alone', async () => {
    const model = await loadEncoder(name, {read: await readEncoder(name, [])});
    const decorator = promptOf(model.embedTokens(TEXT));
    const long = model.hidden([[...TEXT, ...ROW]]);
    const [wanted, first] = [long.slice([0, TEXT.length]), long.slice([0, 0], [1, 1])];
    model.decorate(decorator);
    // A row alone, and with padding.
    for (const rows of [[ROW], [ROW, [...ROW, 5, 6]]]) {
      const row = tf.tidy(() => model.hidden(rows).slice([0, 0], [1, ROW.length]));
      expect(errorOf(await readAndDispose(row), await wanted.data<'float32'>())).toBeLessThan(1e-5);
    }
    expect(errorOf(await readAndDispose(model.pooled([ROW], 'cls')), await first.data<'float32'>())).toBeLessThan(1e-5);
    tf.dispose([long, wanted, first]);
  });

  it('has no span, and takes room from windows', async () => {
    const model = await loadSpanExtractor(name, {read: await readEncoder(name, []), head: 'new'});
    const {start, end} = model.logits([[...TEXT, ...ROW]]);
    const wanted = tf.tidy(() => tf.concat([start.slice([0, TEXT.length]), end.slice([0, TEXT.length])]));
    model.decorate(promptOf(model.embedTokens(TEXT)));
    const made = model.logits([ROW]);
    const both = await readAndDispose(tf.concat([made.start, made.end]));
    expect(errorOf(both, await wanted.data<'float32'>())).toBeLessThan(1e-5);
    tf.dispose([start, end, wanted, made.start, made.end]);
    const most = model.config.maxPositions - TEXT.length;
    await expect(model.predict('who sat?', 'The cat.', {windowTokens: most + 1})).rejects.toThrow(
      `windowTokens is ${most + 1}, expected a whole number from 1 to ${most}`,
    );
  });
});

describe('a wrong call', () => {
  it.each<[virtual: object, message: string]>([
    [{prompt: {tokens: 0, embed: () => 0}}, 'decorate: decorator: prompt: tokens is 0, expected a whole number'],
    [{prompt: {tokens: 1}}, 'decorate: decorator: prompt: embed is undefined, expected a function'],
    [{prefix: {tokens: 1, attend: 1}}, 'decorate: decorator: prefix: attend is 1, expected a function'],
    [{prefix: {tokens: 9999, attend: () => 0}}, 'decorate: there are 9999 virtual tokens, expected fewer than '],
  ])('of decorate with %o', async (virtual, message) => {
    const model = await loadFamily('llama');
    expect(() => model.decorate(before(virtual as Pick<Decorator, 'prompt' | 'prefix'>))).toThrow(message);
    expect(model.maxRowTokens).toBe(model.config.maxPositions);
  });

  it('of decorate with a second prompt, and of embedTokens', async () => {
    const model = await loadFamily('llama');
    const one = before({prompt: {tokens: 1, embed: () => tf.zeros([1, model.config.hiddenSize])}});
    const remove = model.decorate(one);
    expect(() => model.decorate(one)).toThrow('decorate: the model has a prompt already, expected that its decorator');
    remove();
    model.decorate(one)();
    expect(() => model.embedTokens([])).toThrow('embedTokens: ids are [], expected an array of token ids below 96');
    expect(() => model.embedTokens([96])).toThrow('embedTokens: ids are [96], expected');
  });
});
