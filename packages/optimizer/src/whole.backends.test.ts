import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {
  adam,
  adamw,
  DynamicSubsetOptimizer,
  dynamicSubset,
  linear,
  planSilos,
  project,
  type SubsetOptimizer,
  type SubsetOptions,
  sgd,
} from './index.js';

afterEach(() => tf.disposeVariables());

const makers: Record<string, (options: SubsetOptions) => SubsetOptimizer> = {
  sgd: (options) => dynamicSubset(sgd({learningRate: 0.1}), options),
  'adamw, clipped': (options) => dynamicSubset(adamw({learningRate: 0.1}), {...options, clipNorm: 1}),
  'adamw by the weighed distance': (options) =>
    dynamicSubset(adamw({learningRate: 0.1}), {...options, distance: 'fisher'}),
  'project of adam': (options) => project(tf.train.adam(0.1), options),
};

const SHAPES: Record<string, number[]> = {body: [10, 9], other: [70], 'head/kernel': [9, 2], 'head/bias': [2]};
const WHOLE = ['head/kernel', 'head/bias'];

function make(): tf.Variable[] {
  return Object.entries(SHAPES).map(([name, shape], i) =>
    tf.variable(tf.randomNormal(shape, 0, 1, 'float32', i + 1), true, name),
  );
}

/** Steps with gradients that are others each time. */
function step(optimizer: SubsetOptimizer, variables: readonly tf.Variable[], times = 1): void {
  for (let time = 0; time < times; time++) {
    const gradients = variables.map(({name, shape}, i) => {
      return {name, tensor: tf.randomNormal(shape, 0, 1, 'float32', 100 * optimizer.iterations + i + 1)};
    });
    try {
      optimizer.applyGradients(gradients);
    } finally {
      tf.dispose(gradients.map(({tensor}) => tensor));
    }
  }
}

const read = (variables: readonly tf.Variable[]) =>
  Promise.all(variables.map(async (variable) => [...(await variable.data())]));

/** How many entries of each variable differ from these values. */
async function changed(variables: readonly tf.Variable[], seeds: number[][]): Promise<number[]> {
  const values = await read(variables);
  return values.map((own, i) => own.filter((value, at) => value !== seeds[i][at]).length);
}

describe.each(Object.entries(makers))('variables that are tuned whole, %s', (_, maker) => {
  it.each([
    ['tensor', [6, 4]],
    ['global', [10]],
  ] as const)('have all of theirs, and the others of silo %s share the rest', async (silos, shares) => {
    const variables = make();
    const seeds = await read(variables);
    const optimizer = maker({parameters: 30, silos, whole: WHOLE});
    step(optimizer, variables, 3);
    const counts = await changed(variables, seeds);
    expect(counts.slice(2)).toEqual([18, 2]);
    expect(counts[0] + counts[1]).toBe(10);
    const stats = await optimizer.stats();
    expect([stats.budget, stats.size]).toEqual([30, 30]);
    expect(stats.silos.map(({budget}) => budget)).toEqual([...shares, 18, 2]);
    optimizer.dispose();
  });

  it('are tuned beside a subset that stays as it is, which setSubset changes', async () => {
    const variables = make();
    const seeds = await read(variables);
    const initialSubset: SubsetOptions['initialSubset'] = (tensors) =>
      tensors.map(({name}) => (name === 'body' ? Uint32Array.of(3) : new Uint32Array()));
    const optimizer = maker({parameters: 30, whole: WHOLE, freezeAfter: 0, initialSubset});
    step(optimizer, variables, 2);
    expect(await changed(variables, seeds)).toEqual([1, 0, 18, 2]);
    optimizer.setSubset(new Map([['other', Uint32Array.of(1, 2)]]));
    expect(await changed(variables, seeds)).toEqual([0, 0, 18, 2]);
    step(optimizer, variables);
    expect(await changed(variables, seeds)).toEqual([0, 2, 18, 2]);
    optimizer.dispose();
  });

  it('may join later, and be all that is tuned', async () => {
    const variables = make();
    const seeds = await read(variables);
    const optimizer = maker({parameters: 20, whole: WHOLE});
    step(optimizer, variables.slice(0, 3));
    step(optimizer, variables, 2);
    expect(await changed(variables, seeds)).toEqual([0, 0, 18, 2]);
    optimizer.dispose();
  });
});

describe('variables that are tuned whole', () => {
  it('go on from a saved state, and by a config, under other names too', async () => {
    const variables = make();
    const optimizer = dynamicSubset(adam({learningRate: 0.1}), {parameters: 30, whole: WHOLE});
    step(optimizer, variables, 3);
    const saved = await optimizer.getWeights();
    const copies = variables.map((variable) => tf.variable(variable, true, `${variable.name}_1`));
    step(optimizer, variables, 2);

    const config = JSON.parse(JSON.stringify(optimizer.getConfig()));
    const loaded = DynamicSubsetOptimizer.fromConfig<DynamicSubsetOptimizer>(DynamicSubsetOptimizer, config);
    await loaded.setWeights(saved);
    step(loaded, copies, 2);
    expect(await read(copies)).toEqual(await read(variables));
    const {silos} = await loaded.stats();
    expect(silos.map(({name, budget}) => [name, budget])).toEqual([
      ['body_1', 6],
      ['other_1', 4],
      ['head/kernel_1', 18],
      ['head/bias_1', 2],
    ]);
    optimizer.dispose();
    loaded.dispose();
  });

  it('need a budget that has room for them at every step', async () => {
    const variables = make();
    const seeds = await read(variables);
    const few = dynamicSubset(sgd({learningRate: 0.1}), {parameters: 19, whole: WHOLE});
    const message = 'budget: 19 parameters at step 0, expected at least the 20 of the variables that are tuned whole';
    expect(() => step(few, variables)).toThrow(message);
    expect(await read(variables)).toEqual(seeds);
    few.dispose();
    const falling = dynamicSubset(sgd({learningRate: 0.1}), {
      parameters: linear({from: 21, to: 19, steps: 2}),
      whole: WHOLE,
    });
    step(falling, variables, 2);
    const before = await read(variables);
    expect(() => step(falling, variables)).toThrow('19 parameters at step 2, expected at least the 20');
    expect(await read(variables)).toEqual(before);
    falling.dispose();
  });

  it('are there', () => {
    const optimizer = dynamicSubset(sgd({learningRate: 0.1}), {parameters: 30, whole: ['haed/kernel']});
    expect(() => step(optimizer, make())).toThrow("unknown variable 'haed/kernel'");
    optimizer.dispose();
  });

  it('are planned as they are stepped', async () => {
    const variables = make();
    for (const silos of ['tensor', 'layer', 'global'] as const) {
      const options = {parameters: 80, silos, whole: ['other', 'head/bias']};
      const optimizer = dynamicSubset(sgd({learningRate: 0.1}), options);
      step(optimizer, variables);
      const stats = await optimizer.stats();
      const namesAndBudgets = (some: readonly {name: string; budget: number}[]) =>
        some.map(({name, budget}) => [name, budget]);
      expect(namesAndBudgets(planSilos(variables, options))).toEqual(namesAndBudgets(stats.silos));
      optimizer.dispose();
    }
  });
});
