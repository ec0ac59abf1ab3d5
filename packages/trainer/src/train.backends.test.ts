import {adamw, dynamicSubset} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs-core';
import {afterEach, describe, expect, it} from 'vitest';
import {batchesByTokens} from './batches-by-tokens.js';
import {type CurvePoint, train} from './train.js';

const VOCABULARY = 12;
const WIDTH = 16;

/** A real, if tiny, language model: an embedding, a hidden layer, a tied output; it learns to count modulo 12. */
function countingModel(name: string) {
  const init = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 0.3, 'float32', seed);
  const embedding = tf.variable(init([VOCABULARY, WIDTH], 1), true, `${name}/embedding`);
  const hidden = tf.variable(init([WIDTH, WIDTH], 2), true, `${name}/hidden`);
  const weights = new Map([embedding, hidden].map((variable) => [variable.name, variable]));
  const loss = (rows: number[][]): tf.Scalar => {
    const tokens = rows.flatMap((row) => row.slice(0, -1));
    const next = rows.flatMap((row) => row.slice(1));
    const x = tf.matMul(tf.cast(tf.oneHot(tokens, VOCABULARY), 'float32'), embedding);
    const logits = tf.matMul(tf.tanh(tf.matMul(x, hidden)), tf.transpose(embedding));
    return tf.mean(tf.losses.softmaxCrossEntropy(tf.oneHot(next, VOCABULARY), logits));
  };
  return {weights, loss, dispose: () => tf.dispose([embedding, hidden])};
}

const rows = Array.from({length: 40}, (_, i) => Array.from({length: 3 + (i % 5)}, (_, j) => (i + j) % VOCABULARY));
const batches = () => batchesByTokens(rows, {tokens: 64, seed: 1, lengthOf: (row) => row.length});
const tokensOf = (batch: number[][]) => batch.flat().length;

describe('train', () => {
  const cleanups: (() => void)[] = [];
  afterEach(() => {
    for (const cleanup of cleanups.splice(0)) cleanup();
  });

  function setUp(name: string) {
    const model = countingModel(name);
    const optimizer = dynamicSubset(adamw({learningRate: 0.05}), {density: 0.25});
    cleanups.push(
      () => model.dispose(),
      () => optimizer.dispose(),
    );
    return {model, optimizer};
  }

  it('lowers the loss and reports what the subset did', async () => {
    const {model, optimizer} = setUp('lowers');
    const curve = await train({model, optimizer, batches: batches(), steps: 60, tokensOf});
    expect(curve.map(({step}) => step)).toEqual(Array.from({length: 60}, (_, i) => i + 1));
    expect(curve[0].loss).toBeGreaterThan(2);
    expect(curve[59].loss).toBeLessThan(curve[0].loss / 2);
    const budget = Math.round(0.25 * (VOCABULARY * WIDTH + WIDTH * WIDTH));
    const [hits, misses] = [expect.any(Number), expect.any(Number)];
    expect(curve[0].subset).toEqual({size: budget, entered: budget, left: 0, hits, misses});
    expect(curve[0].churn).toBe(1);
    for (const {churn, subset, tokensPerSecond} of curve) {
      expect(subset?.size).toBe(budget);
      expect(churn).toBe((subset?.entered ?? NaN) / budget);
      expect(tokensPerSecond).toBeGreaterThan(0);
    }
  });

  it('holds no tensors from step to step', async () => {
    const {model, optimizer} = setUp('tensors');
    const counts: number[] = [];
    const onStep = () => {
      counts.push(tf.memory().numTensors);
    };
    await train({model, optimizer, batches: batches(), steps: 10, tokensOf, onStep});
    expect(new Set(counts).size).toBe(1);
    expect(tf.memory().numTensors).toBe(counts[0]);
  });

  it('works with an optimizer of tfjs, without churn', async () => {
    const {model} = setUp('stock');
    const optimizer = tf.train.sgd(0.5);
    cleanups.push(() => optimizer.dispose());
    const curve = await train({model, optimizer, batches: batches(), steps: 20, tokensOf});
    expect(curve[19].loss).toBeLessThan(curve[0].loss);
    expect(curve[0]).not.toHaveProperty('churn');
  });

  it('ends where the batches end, takes async ones, and waits for onStep', async () => {
    const {model, optimizer} = setUp('ends');
    async function* three() {
      for (let i = 0; i < 3; i++) yield rows.slice(0, 8);
    }
    const seen: CurvePoint[] = [];
    const onStep = async (point: CurvePoint) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      seen.push(point);
    };
    const curve = await train({model, optimizer, batches: three(), steps: 5, tokensOf, onStep});
    expect(curve.length).toBe(3);
    expect(seen).toEqual(curve);
  });

  it('gives the event loop a turn after each step', async () => {
    const {model, optimizer} = setUp('turns');
    let turns = 0;
    const {port1, port2} = new MessageChannel();
    port1.onmessage = () => {
      turns += 1;
      port2.postMessage(undefined);
    };
    port2.postMessage(undefined);
    cleanups.push(() => port1.close());
    await train({model, optimizer, batches: batches(), steps: 5, tokensOf});
    expect(turns).toBeGreaterThanOrEqual(5);
  });

  it('refuses a number of steps that is none, before any step', async () => {
    const {model, optimizer} = setUp('refuses');
    const before = await model.weights.get('refuses/hidden')?.data();
    await expect(train({model, optimizer, batches: batches(), steps: 0, tokensOf})).rejects.toThrow('steps is 0');
    expect(await model.weights.get('refuses/hidden')?.data()).toEqual(before);
  });
});
