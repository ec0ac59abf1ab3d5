import * as tf from '@tensorflow/tfjs';
import {uniformInt} from 'pure-rand/distribution/uniformInt';
import {xoroshiro128plus} from 'pure-rand/generator/xoroshiro128plus';
import {afterEach, describe, expect, it} from 'vitest';
import {
  adafactor,
  adam,
  adamw,
  DynamicSubsetOptimizer,
  dynamicSubset,
  momentum,
  project,
  type SubsetOptimizer,
  sgd,
  shrinking,
  type UpdateRule,
} from './index.js';

afterEach(() => tf.disposeVariables());

const shapes = {matrix: [9, 14], vector: [37]};
type Name = keyof typeof shapes;
const names = Object.keys(shapes) as Name[];
const sizes = {matrix: 126, vector: 37};

const rules: Record<string, () => UpdateRule> = {
  adam: () => adam({learningRate: 0.01}),
  adamw: () => adamw({learningRate: 0.02, weightDecay: 0.1}),
  'adamw towards the seed': () => adamw({learningRate: 0.02, weightDecay: 0.1, decayTowards: 'seed'}),
  adafactor: () => adafactor({learningRate: 0.05}),
};

/** Numbers of unlike sizes, from 1e-4 to 1, so that the weights decide. */
function values(count: number, seed: number): Float32Array {
  const generator = xoroshiro128plus(seed);
  return Float32Array.from({length: count}, () => {
    const sign = uniformInt(generator, 0, 1) === 0 ? -1 : 1;
    return sign * 10 ** (-uniformInt(generator, 0, 4000) / 1000);
  });
}

function make(seed: number, prefix = ''): tf.Variable[] {
  return names.map((name, i) =>
    tf.variable(tf.tensor(values(sizes[name], seed + i), shapes[name]), true, prefix + name),
  );
}

const gradientsAt = (step: number, live: readonly Name[] = names) =>
  live.map((name) => ({name, tensor: tf.tensor(values(sizes[name], 100 * step + name.length), shapes[name])}));

async function read(variables: tf.Variable[]): Promise<Float32Array[]> {
  return Promise.all(variables.map(async (variable) => Float32Array.from(await variable.data())));
}

/** √ of the second moment of each weight, by the slots that the optimizer keeps, up to a factor. */
async function roots(optimizer: SubsetOptimizer): Promise<Float64Array[]> {
  const weights = new Map<string, Float32Array>();
  for (const {name, tensor} of await optimizer.getWeights()) {
    if (name.startsWith('slots/')) weights.set(name, await tensor.data<'float32'>());
    tensor.dispose();
  }
  return names.map((name) => {
    const slot = (kind: string) => weights.get(`slots/${name}/${kind}`) ?? new Float32Array();
    const [variance, row, column] = [slot('variance'), slot('row'), slot('column')];
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    return Float64Array.from({length: sizes[name]}, (_, i) => {
      if (variance.length > 0) return Math.sqrt(variance[i]);
      const [, width] = shapes[name];
      return Math.sqrt((row[Math.floor(i / width)] * column[i % width]) / mean);
    });
  });
}

/** Whether each chosen entry lies at least as far as each that is left out, but for rounding. */
function expectFarthest(entries: {far: number; isIn: boolean}[], k: number): void {
  const sorted = entries.map(({far}) => far).sort((a, b) => b - a);
  const kth = sorted[k - 1];
  for (const {far, isIn} of entries) {
    if (far > kth * (1 + 1e-4)) expect(isIn).toBe(true);
    if (far < kth * (1 - 1e-4)) expect(isIn).toBe(false);
  }
}

describe('distance fisher', () => {
  it.each(Object.entries(rules))(
    '%s keeps what moves farthest times the root of its second moment',
    async (_, rule) => {
      const parameters = 20;
      const variables = make(1);
      const twins = make(1, 'twin/');
      const optimizer = dynamicSubset(rule(), {parameters, distance: 'fisher', silos: 'global'});
      const twin = dynamicSubset(rule(), {density: 1});
      const seeds = await read(variables);
      for (let step = 0; step < 6; step++) {
        // The twin steps from the same weights, and its slots are the same: so it makes the proposals.
        const state = step === 0 ? undefined : await twin.getWeights();
        for (const [i, variable] of twins.entries()) variable.assign(variables[i]);
        if (state) await twin.setWeights(state);
        const gradients = gradientsAt(step);
        twin.applyGradients(gradients.map(({name, tensor}) => ({name: `twin/${name}`, tensor})));
        optimizer.applyGradients(gradients);
        tf.dispose([gradients.map(({tensor}) => tensor), (state ?? []).map(({tensor}) => tensor)]);

        const [now, proposals, weights] = [await read(variables), await read(twins), await roots(optimizer)];
        const entries = now.flatMap((array, i) =>
          Array.from(array, (value, at) => {
            const isIn = value !== seeds[i][at];
            expect(value).toBe(isIn ? proposals[i][at] : seeds[i][at]);
            return {far: Math.abs(proposals[i][at] - seeds[i][at]) * weights[i][at], isIn};
          }),
        );
        expect(entries.filter(({isIn}) => isIn)).toHaveLength(parameters);
        expectFarthest(entries, parameters);
      }
      optimizer.dispose();
      twin.dispose();
    },
  );

  it.each(Object.entries(rules))(
    '%s: a layer that rests keeps its weights, and gives way to a budget that shrinks',
    async (_, rule) => {
      const variables = make(7);
      const density = shrinking({density: 0.1, learningRate: 0.1, over: 4}).density;
      const optimizer = dynamicSubset(rule(), {density, distance: 'fisher'});
      const step = (i: number, live?: Name[]) => {
        const gradients = gradientsAt(i, live);
        optimizer.applyGradients(gradients);
        tf.dispose(gradients.map(({tensor}) => tensor));
      };
      const seeds = await read(variables);
      step(0);
      step(1);
      const before = await read(variables);
      for (let i = 2; i < 7; i++) step(i, ['vector']);
      const [matrix, vector] = await read(variables);
      const isSame = (value: number, at: number) => value === before[0][at] || value === seeds[0][at];
      expect(matrix.every(isSame)).toBe(true);
      expect(matrix.filter((value, at) => value !== seeds[0][at])).toHaveLength(12);
      expect(vector.filter((value, at) => value !== seeds[1][at])).toHaveLength(4);
      const {size, budget} = await optimizer.stats();
      expect([size, budget]).toEqual([16, 16]);
      optimizer.dispose();
    },
  );

  it('goes on from what was saved as if it had not been', async () => {
    const run = async (isCut: boolean) => {
      const variables = make(3);
      let optimizer = dynamicSubset(adamw({learningRate: 0.01}), {density: 0.1, distance: 'fisher'});
      for (let step = 0; step < 6; step++) {
        if (isCut && step === 3) {
          const weights = await optimizer.getWeights();
          const config = optimizer.getConfig();
          optimizer.dispose();
          optimizer = DynamicSubsetOptimizer.fromConfig<DynamicSubsetOptimizer>(DynamicSubsetOptimizer, config);
          await optimizer.setWeights(weights);
          tf.dispose(weights.map(({tensor}) => tensor));
        }
        const gradients = gradientsAt(step);
        optimizer.applyGradients(gradients);
        tf.dispose(gradients.map(({tensor}) => tensor));
      }
      const after = await read(variables);
      optimizer.dispose();
      tf.dispose(variables);
      return after;
    };
    expect(await run(true)).toEqual(await run(false));
  });

  it('is refused where no second moment is known', () => {
    const options = {density: 0.1, distance: 'fisher'} as const;
    for (const rule of [sgd({learningRate: 0.1}), momentum({learningRate: 0.1})]) {
      expect(() => dynamicSubset(rule, options)).toThrow(
        `dynamicSubset: distance is "fisher" and the rule ${rule.config.rule}, which keeps no second moment; ` +
          'expected adam, adamw or adafactor',
      );
    }
    expect(() => project(tf.train.adam(0.1), options)).toThrow(
      'project: distance is "fisher", which needs a second moment that is known; expected another and `importance`',
    );
  });
});

describe('project with an importance', () => {
  it('keeps what is both far and important, and leaves no tensor behind', async () => {
    const weights = tf.variable(tf.tensor1d([1, 1, 1, 1]), true, 'weights');
    const importance = tf.tensor1d([1, 0, -10, 2]);
    const optimizer = project(tf.train.sgd(1), {parameters: 2, importance: () => importance.clone()});
    const step = (values: number[]) => {
      const tensor = tf.tensor1d(values);
      optimizer.applyGradients({weights: tensor});
      tensor.dispose();
    };
    step([-8, -99, -1, -3]);
    const {numTensors} = tf.memory();
    expect([...(await weights.data())]).toEqual([1 + 8, 1, 1 + 1, 1]);
    step([0, -99, 0, -8]);
    expect([...(await weights.data())]).toEqual([1, 1, 1 + 1, 1 + 8]);
    expect(tf.memory().numTensors).toBe(numTensors);
    optimizer.dispose();
    importance.dispose();
  });
});
