import * as tf from '@tensorflow/tfjs-core';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {loadFamily} from '../golden/load-family.js';
import {CausalModel, type LossOptions} from './index.js';
import {parameterCount, readArchitecture} from './read-architecture.js';

let model: CausalModel;
let tensorsBefore: number;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  model.dispose();
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

/** Rows of tokens that are not the same twice, and of which most are to be learnt. */
function batchOf(rows: number, length: number) {
  const table = (value: (row: number, at: number) => number) =>
    Array.from({length: rows}, (_, row) => Array.from({length}, (_, at) => value(row, at)));
  return {
    inputs: table((row, at) => 1 + ((row * 41 + at * 7) % 95)),
    targets: table((row, at) => (row * 13 + at * 29) % 96),
    weights: table((row, at) => Number((row + at) % 3 > 0)),
  };
}

const gradientsOf = (options: LossOptions, batch = batchOf(2, 9)) => tf.variableGrads(() => model.loss(batch, options));

// The two that are least like each other: a block is computed once more whatever it is.
describe.each(['gpt2', 'gemma3'])('%s, computed once more', (name) => {
  it('has the same loss and the same gradient by every weight', async () => {
    model = await loadFamily(name);
    const [once, twice] = [gradientsOf({}), gradientsOf({recompute: true})];
    expect(await twice.value.data()).toEqual(await once.value.data());
    expect(Object.keys(twice.grads).sort()).toEqual([...model.weights.keys()].sort());
    for (const [key, gradient] of Object.entries(twice.grads)) {
      const [values, expected] = [await gradient.data(), await once.grads[key].data()];
      const largest = Math.max(...expected.map(Math.abs));
      const error = Math.max(...values.map((value, i) => Math.abs(value - expected[i])));
      expect(error, key).toBeLessThanOrEqual(1e-6 * largest);
    }
    tf.dispose([once.value, once.grads, twice.value, twice.grads]);
  });
});

describe('recompute', () => {
  it('needs a third of the bytes beside weights and gradients, where there are many layers', async () => {
    const architecture = readArchitecture({
      ...{model_type: 'llama', vocab_size: 96, hidden_size: 16, intermediate_size: 48, num_attention_heads: 4},
      ...{num_key_value_heads: 2, num_hidden_layers: 8, tie_word_embeddings: true},
    });
    const weights = new Map(
      Array.from(architecture.shapes, ([name, shape]) => [
        name,
        tf.tidy(() => tf.variable(tf.randomNormal([...shape], 0, 0.3, 'float32', 1), true, name)),
      ]),
    );
    const none = () => {
      throw new Error('nobody encodes');
    };
    const encoders = {encode: none, encodePair: none, encodeWithOffsets: none, encodeWindows: none};
    const tokenizer = {...encoders, decode: none};
    model = new CausalModel({id: 'deep', architecture, tokenizer, weights});
    const gradientBytes = 4 * parameterCount(architecture);
    const extraOf = async (options: LossOptions) => {
      const before = tf.memory().numBytes;
      const {peakBytes} = await tf.profile(() => {
        const {value, grads} = gradientsOf(options, batchOf(2, 60));
        tf.dispose([value, grads]);
        return [];
      });
      return peakBytes - before - gradientBytes;
    };
    const [once, twice] = [await extraOf({}), await extraOf({recompute: true})];
    expect(twice).toBeLessThan(once / 3);
  });

  it('is of one weight alone where only that is asked for', async () => {
    model = await loadFamily('qwen3');
    const name = 'model.layers.0.self_attn.k_norm.weight';
    const variable = model.weights.get(name);
    if (!variable) throw new Error('no such weight');
    const only = (options: LossOptions) => tf.variableGrads(() => model.loss(batchOf(1, 5), options), [variable]);
    const [once, twice] = [only({}), only({recompute: true})];
    expect(Object.keys(twice.grads)).toEqual([name]);
    expect(await twice.grads[name].data()).toEqual(await once.grads[name].data());
    tf.dispose([once.value, once.grads, twice.value, twice.grads]);
  });

  it('learns as without it, and without a leak', async () => {
    model = await loadFamily('gemma3');
    const optimizer = tf.train.sgd(1e-3);
    const {numTensors} = tf.memory();
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) {
      const loss = optimizer.minimize(() => model.loss(batchOf(2, 9), {recompute: true}), true);
      if (!loss) throw new Error('no loss');
      losses.push((await loss.data())[0]);
      loss.dispose();
    }
    expect(tf.memory().numTensors).toBe(numTensors);
    optimizer.dispose();
    expect(losses[2]).toBeLessThan(losses[0]);
  });
});
