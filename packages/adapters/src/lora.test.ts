import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {readJson} from '../../../test/read-file.js';
import {baseOf, errorOf, languageModel, shake, valuesOf} from '../golden/adapter-fixture.js';
import type {LinearModule, ProjectVerb, Weights} from './adaptable-model.js';
import {attach, type LoraConfig} from './index.js';
import {lora} from './lora.js';
import type {Method} from './method.js';

let tensorsBefore: number;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  tf.disposeVariables();
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

/** x·Wᵀ of these weights: one linear layer, without a model around it. */
const plainVerbs = (weights: Weights): ProjectVerb => ({
  project: (x, name, layout = 'out-in') =>
    tf.matMul(x, weights.get(`${name}.weight`) as tf.Tensor2D, false, layout === 'out-in'),
});

/** A method over the layer `m`, with the tensors that it begins with and the layer's weight. */
async function over(module: LinearModule, config: Omit<LoraConfig, 'method'>, weight: tf.Tensor2D) {
  const base = new Map([[`${module.name}.weight`, weight]]);
  const method = await lora([module], {method: 'lora', ...config}, base);
  const weights = new Map<string, tf.Tensor>(base);
  for (const [name, {make}] of method.tensors) weights.set(name, make());
  return {method, weights};
}

/** What a pass makes of x. */
function project(method: Method, weights: Weights, x: tf.Tensor2D, name: string, isTraining: boolean) {
  return tf.tidy(() => method.begin(isTraining)(plainVerbs(weights), weights).project(x, name));
}

const layer = (inputs: number, outputs: number, layout: LinearModule['layout'] = 'out-in'): LinearModule => ({
  ...{name: 'm', inputs, outputs, layout},
});

describe('dropout', () => {
  it('is of losses alone: logits, logProbabilities and generate are those without it', async () => {
    const {model, logits} = languageModel(await baseOf('lora'));
    const made = [];
    for (const dropout of [0, 0.5]) {
      const adapter = await attach(model, {method: 'lora', rank: 3, dropout});
      shake(adapter);
      const [{sum}] = await model.logProbabilities([[[5, 6], [7]]]);
      made.push([await valuesOf(logits()), sum, await model.generate(['as a whole'], {maxTokens: 5})]);
      adapter.detach();
    }
    expect(made[1]).toEqual(made[0]);
  });

  it('is another one in each step, the same for the same seed, and the same when a block is computed again', async () => {
    const base = await baseOf('lora');
    const series = async (config: Partial<LoraConfig>, recompute = false) => {
      const adapter = await attach(base.model, {method: 'lora', rank: 3, dropout: 0.3, ...config});
      shake(adapter);
      const steps: Float32Array[] = [];
      for (let step = 0; step < 3; step++) {
        const {value, grads} = tf.variableGrads(() => base.loss(recompute));
        steps.push(await valuesOf(value), await valuesOf(Object.values(grads)[0]));
        tf.dispose(grads);
      }
      adapter.detach();
      return steps;
    };
    const first = await series({});
    expect(new Set([first[0][0], first[2][0], first[4][0]]).size).toBe(3);
    expect(await series({})).toEqual(first);
    expect(await series({seed: 1})).not.toEqual(first);
    for (const [i, values] of (await series({}, true)).entries()) {
      expect(errorOf(values, first[i])).toBeLessThan(1e-6);
    }
    // Without dropout the steps are alike, for nothing is trained here.
    const [one, , two] = await series({dropout: 0});
    expect(two).toEqual(one);
  });

  it.each([false, true])(
    'leaves what is to be expected as it is, and is as large as it says (dora: %s)',
    async (dora) => {
      const module = layer(40, 6);
      const weight = tf.randomNormal<tf.Rank.R2>([6, 40], 0, 1, 'float32', 3);
      const {method, weights} = await over(module, {rank: 4, dropout: 0.25, dora}, weight);
      const b = weights.get('m.lora_B.weight') as tf.Tensor;
      weights.set('m.lora_B.weight', tf.randomNormal([6, 4], 0, 1, 'float32', 4));
      const x = tf.randomNormal<tf.Rank.R2>([5, 40], 0, 1, 'float32', 5);
      const expected = await valuesOf(project(method, weights, x, 'm', false));
      const passes = 400;
      const [sums, squares] = [new Float64Array(30), new Float64Array(30)];
      for (let pass = 0; pass < passes; pass++) {
        for (const [i, value] of (await valuesOf(project(method, weights, x, 'm', true))).entries()) {
          sums[i] += value / passes;
          squares[i] += value ** 2 / passes;
        }
      }
      for (const [i, mean] of sums.entries()) {
        const deviation = Math.sqrt(squares[i] - mean ** 2);
        expect(deviation).toBeGreaterThan(0.01);
        // Of 60 means one lies so far off once in 10,000 seeds, and the seeds are fixed.
        expect(Math.abs(mean - expected[i])).toBeLessThan((4.9 * deviation) / Math.sqrt(passes));
      }
      tf.dispose([x, b, ...weights.values()]);
    },
  );

  it('leaves out the share that it says, and makes up for it', async () => {
    // W = 0, A picks one input and B hands it on: what comes out is the input, or nothing.
    const {method, weights} = await over(layer(1, 1), {rank: 1, alpha: 1, dropout: 0.25}, tf.zeros([1, 1]));
    tf.dispose([...weights.values()].slice(1));
    for (const part of ['A', 'B']) weights.set(`m.lora_${part}.weight`, tf.ones([1, 1]));
    const x = tf.ones<tf.Rank.R2>([20_000, 1]);
    const values = await valuesOf(project(method, weights, x, 'm', true));
    const kept = values.filter((value) => value !== 0);
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.75)]));
    expect(kept.length / values.length).toBeCloseTo(0.75, 2);
    tf.dispose([x, ...weights.values()]);
  });
});

describe('the beginning', () => {
  const first = async (config: Omit<LoraConfig, 'method'>, name = 'm') => {
    const weight = tf.zeros<tf.Rank.R2>([30, 400]);
    const {weights} = await over({...layer(400, 30), name}, config, weight);
    const values = async (part: string) =>
      Float32Array.from(await (weights.get(`${name}.${part}`) as tf.Tensor).data<'float32'>());
    const made = {a: await values('lora_A.weight'), b: await values('lora_B.weight')};
    tf.dispose([...weights.values()]);
    return made;
  };
  const deviationOf = (values: Float32Array) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  };

  it('of kaiming: A uniform below 1/√inputs, B zeros', async () => {
    const {a, b} = await first({rank: 64});
    const most = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(most).toBeLessThanOrEqual(Math.fround(1 / 20));
    expect(most).toBeGreaterThan(0.999 / 20);
    expect(deviationOf(a) / (1 / 20 / Math.sqrt(3))).toBeCloseTo(1, 1.5);
    expect(b.every((value) => value === 0)).toBe(true);
  });

  it.each([4, 64])('of gaussian at rank %i: A of standard deviation 1/rank, B zeros', async (rank) => {
    const {a, b} = await first({rank, init: 'gaussian'});
    expect(deviationOf(a) * rank).toBeCloseTo(1, 1);
    expect(a.some((value) => Math.abs(value) > 2.5 / rank)).toBe(true);
    expect(b.every((value) => value === 0)).toBe(true);
  });

  it('is decided by the seed and by the module', async () => {
    for (const init of ['kaiming', 'gaussian'] as const) {
      const {a} = await first({init});
      expect((await first({init})).a).toEqual(a);
      expect((await first({init, seed: 1})).a).not.toEqual(a);
      expect((await first({init}, 'n')).a).not.toEqual(a);
    }
  });

  it.each<Omit<LoraConfig, 'method'>>([
    {},
    {init: 'gaussian'},
    {rankStabilized: true, alpha: 100},
    {bias: 'all', modulesToSave: ['ln_1']},
  ])('with %o changes nothing', async (config) => {
    const {model, logits} = await baseOf('lora-rslora-bias');
    const plain = await valuesOf(logits());
    await attach(model, {method: 'lora', ...config});
    expect(await valuesOf(logits())).toEqual(plain);
  });

  it.each<Omit<LoraConfig, 'method'>>([{dora: true}, {init: 'pissa'}, {init: 'pissa', dora: true, rank: 2, alpha: 16}])(
    'with %o changes nothing but by rounding, merged or not',
    async (config) => {
      const {model, logits} = await baseOf('lora-rslora-bias');
      const plain = await valuesOf(logits());
      const adapter = await attach(model, {method: 'lora', ...config});
      expect(errorOf(await valuesOf(logits()), plain)).toBeLessThan(1e-5);
      adapter.merge();
      expect(errorOf(await valuesOf(logits()), plain)).toBeLessThan(1e-5);
      adapter.detach();
    },
  );
});

describe('pissa', async () => {
  const {cases} = await readJson<{
    cases: {shape: [number, number]; rank: number; weights: number[]; singular: number[]; principal: number[]}[];
  }>(new URL('../golden/pissa.json', import.meta.url));
  const all = cases.flatMap((one) => (['out-in', 'in-out'] as const).map((layout) => ({...one, layout})));

  it.each(all)(
    'of $shape, $layout, at rank $rank is what numpy makes of the largest singular values',
    async ({shape, rank, weights: values, singular, principal, layout}) => {
      const [rows, columns] = shape;
      const [outputs, inputs] = layout === 'out-in' ? shape : [columns, rows];
      const [alpha, scaling] = [3, 3 / rank];
      const weight = tf.tensor2d(values, shape);
      const {weights} = await over(layer(inputs, outputs, layout), {rank, alpha, init: 'pissa'}, weight);
      const [a, b] = ['A', 'B'].map((part) => weights.get(`m.lora_${part}.weight`) as tf.Tensor2D);
      const product = tf.tidy(() => {
        const change = tf.mul<tf.Tensor2D>(tf.matMul(b, a), scaling);
        return layout === 'out-in' ? change : tf.transpose(change);
      });
      expect(errorOf(await valuesOf(product), principal)).toBeLessThan(1e-6);
      // A and B share the singular values evenly: of each column and row the length is √(s / scaling).
      const lengths = await valuesOf(tf.tidy(() => tf.mul(tf.sum(tf.square(a), 1), scaling)));
      expect(errorOf(lengths, singular)).toBeLessThan(1e-6);
      expect(errorOf(await valuesOf(tf.tidy(() => tf.mul(tf.sum(tf.square(b), 0), scaling))), singular)).toBeLessThan(
        1e-6,
      );
      tf.dispose([...weights.values()]);
    },
  );

  it('refuses a rank above that of a matrix, and leaves the model as it was', async () => {
    const {model} = await baseOf('lora');
    const {numTensors} = tf.memory();
    await expect(attach(model, {method: 'lora', rank: 9, init: 'pissa'})).rejects.toThrow(
      'rank is 9, expected at most 8 for pissa of a matrix [8, 16]',
    );
    expect(tf.memory().numTensors).toBe(numTensors);
    expect([...model.weights.values()].every(({trainable}) => trainable)).toBe(true);
  });
});

describe('dora', () => {
  it('takes a weight with rows of zeros', async () => {
    const {model, logits, loss} = await baseOf('dora');
    const name = 'model.layers.0.mlp.up_proj.weight';
    const weight = model.weights.get(name) as tf.Variable;
    tf.tidy(() =>
      weight.assign(tf.mul(weight, tf.tensor2d([0, ...new Array(weight.shape[0] - 1).fill(1)], [weight.shape[0], 1]))),
    );
    const plain = await valuesOf(logits());
    const adapter = await attach(model, {method: 'lora', rank: 2, dora: true});
    expect(errorOf(await valuesOf(logits()), plain)).toBeLessThan(1e-5);
    const optimizer = tf.train.sgd(0.1);
    for (let step = 0; step < 3; step++) optimizer.minimize(() => loss());
    const trained = await valuesOf(logits());
    expect(trained.every(Number.isFinite)).toBe(true);
    expect(errorOf(trained, plain)).toBeGreaterThan(1e-3);
    adapter.merge();
    expect(errorOf(await valuesOf(logits()), trained)).toBeLessThan(1e-5);
    adapter.detach();
    optimizer.dispose();
  });
});
