import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {
  adam,
  adamw,
  dynamicSubset,
  linear,
  type NamedTensor,
  project,
  type SiloKind,
  type SubsetOptimizer,
  sgd,
} from './index.js';

afterEach(() => tf.disposeVariables());

const variable = (name: string, shape = [40], seed = 1) =>
  tf.variable(tf.randomNormal(shape, 0, 1, 'float32', seed), true, name);
const loss = (variables: tf.Variable[]) => () => tf.addN(variables.map((one) => tf.sum(tf.square(one)))) as tf.Scalar;
/** Gradients differ from variable to variable, so that a state in the wrong place shows. */
function step(optimizer: SubsetOptimizer, variables: tf.Variable[], times = 1): void {
  for (let time = 0; time < times; time++) {
    const gradients = variables.map(({name, shape}, i) => ({
      name,
      tensor: tf.randomNormal(shape, i, 1, 'float32', 100 * optimizer.iterations + i + 1),
    }));
    try {
      optimizer.applyGradients(gradients);
    } finally {
      tf.dispose(gradients.map(({tensor}) => tensor));
    }
  }
}
const read = async (tensors: readonly tf.Tensor[]) => Promise.all(tensors.map(async (one) => [...(await one.data())]));
const contents = async (saved: NamedTensor[]) =>
  Object.fromEntries(await Promise.all(saved.map(async ({name, tensor}) => [name, [...(await tensor.data())]])));

describe('a state whose parts do not fit one another is refused, and nothing changes', () => {
  const make = () => dynamicSubset(adam({learningRate: 0.1}), {density: 0.2});
  type Damage = (parts: Map<string, {values: number[]; shape?: number[]}>) => void;
  const change =
    (name: string, to: (values: number[]) => number[]): Damage =>
    (parts) => {
      const part = parts.get(name);
      if (part === undefined) throw new Error(`no ${name}`);
      part.values = to(part.values);
    };
  const damages: [what: string, damage: Damage, message: string][] = [
    [
      'seeds cut',
      change('subset/v/seeds', (seeds) => seeds.slice(0, 1)),
      "'subset/v/seeds' is float32 [1], expected float32 [8]",
    ],
    [
      'seeds that are too many',
      change('subset/v/seeds', (seeds) => [...seeds, 1]),
      "'subset/v/seeds' is float32 [9], expected float32 [8]",
    ],
    [
      'seeds of NaN',
      change('subset/v/seeds', (seeds) => seeds.map(() => Number.NaN)),
      "'subset/v/seeds' has NaN at place 0, expected finite numbers",
    ],
    [
      'an infinite seed',
      change('subset/v/seeds', ([first, , ...rest]) => [first, -Infinity, ...rest]),
      "'subset/v/seeds' has -Infinity at place 1",
    ],
    [
      'a mask of ones',
      change('subset/v/mask', (mask) => mask.map(() => -1)),
      "'subset/v/mask' chooses element 40 of 40",
    ],
    [
      'a mask of zeros',
      change('subset/v/mask', (mask) => mask.map(() => 0)),
      "'subset/v/seeds' is float32 [8], expected float32 [0]",
    ],
    [
      'a bit past the end',
      change('subset/v/mask', ([first, second]) => [first, second | (1 << 31)]),
      "'subset/v/mask' chooses element 63 of 40",
    ],
    [
      'a mask that is longer',
      change('subset/v/mask', (mask) => [...mask, 0]),
      "'subset/v/mask' is int32 [3], expected int32 [2]",
    ],
    [
      'another count',
      change('subset/v/info', (info) => [10_000, ...info.slice(1)]),
      "'subset/v/info' counts 10000 entries, expected the 8 of silo 'v'",
    ],
    [
      'a negative count',
      change('subset/v/info', (info) => [-8, ...info.slice(1)]),
      "'subset/v/info' counts -8 entries",
    ],
    [
      'a budget below it',
      change('subset/v/budget', () => [7]),
      "'subset/v/budget' is 7, expected from 8 to 40, the entries of silo 'v'",
    ],
    [
      'a budget above the silo',
      change('subset/v/budget', () => [41]),
      "'subset/v/budget' is 41, expected from 8 to 40",
    ],
    ['another shape', change('subset/v/shape', () => [39]), "saved 'v' has shape [39], expected [40], as 'v' has"],
    [
      'a slot cut',
      change('slots/v/mean', (mean) => mean.slice(1)),
      "'slots/v/mean' is float32 [39], expected float32 [40]",
    ],
    ['no info', (parts) => parts.delete('subset/v/info'), "silo 'v' is made of 0 saved silos (none), expected one"],
    ['no mask', (parts) => parts.delete('subset/v/mask'), "saved weights lack 'subset/v/mask'"],
    ['no slot', (parts) => parts.delete('slots/v/variance'), "saved weights lack 'slots/v/variance'"],
    [
      'a slot of another rule',
      (parts) => parts.set('slots/v/row', {values: [1]}),
      "saved 'slots/v/row' belongs to none of the variables",
    ],
    [
      'a name that is none of ours',
      (parts) => parts.set('v/m', {values: [1]}),
      "saved 'v/m' belongs to none of the variables",
    ],
    [
      'steps below zero',
      change('iter', () => [-1]),
      "setWeights: saved 'iter' is -1, expected a whole number of at least 0",
    ],
    ['steps of NaN', (parts) => parts.set('iter', {values: [Number.NaN]}), "setWeights: saved 'iter' is NaN"],
  ];

  it.each(damages)('%s', async (_, damage, message) => {
    const weights = variable('v');
    const optimizer = make();
    step(optimizer, [weights], 3);
    const saved = await optimizer.getWeights();
    const parts = new Map(
      await Promise.all(
        saved.map(
          async ({name, tensor}): Promise<[string, {values: number[]; shape?: number[]}]> => [
            name,
            {values: [...(await tensor.data())], ...(tensor.rank === 0 ? {shape: []} : {})},
          ],
        ),
      ),
    );
    damage(parts);
    const dtypes = new Map(saved.map(({name, tensor}) => [name, tensor.dtype]));
    const bad = Array.from(parts, ([name, {values, shape = [values.length]}]) => {
      const dtype = values.some(Number.isNaN) ? 'float32' : (dtypes.get(name) ?? 'float32');
      return {name, tensor: tf.tensor(values, shape, dtype)};
    });
    const before = {weights: await read([weights]), state: await contents(saved), tensors: tf.memory().numTensors};
    const now = async () => ({
      weights: await read([weights]),
      state: await contents(await optimizer.getWeights()),
      tensors: tf.memory().numTensors,
    });
    await expect(optimizer.setWeights(bad)).rejects.toThrow(message);
    expect(await now()).toEqual(before);

    // Before the first step the variables are not known; then that step is what refuses.
    const other = make();
    const late = other.setWeights(bad).then(() => step(other, [weights]));
    await expect(late).rejects.toThrow(message);
    expect(await read([weights])).toEqual(before.weights);
    expect(tf.memory().numTensors).toBe(before.tensors);
    // Nothing is in the way of a state that fits.
    await other.setWeights(saved);
    step(other, [weights]);
    expect((await other.stats()).size).toBe(8);
    tf.dispose(bad.map(({tensor}) => tensor));
    other.dispose();
    optimizer.dispose();
  });

  it('whatever else a kernel remembers', async () => {
    const weights = variable('v');
    const optimizer = make();
    step(optimizer, [weights], 3);
    const saved = await optimizer.getWeights();
    const start = tf.clone(weights);
    step(optimizer, [weights], 3);
    const expected = await read([weights]);
    const {'subset/v/info': info} = await contents(saved);
    for (const filler of [0, -1, 1, 123_456, 0x7fc00000, 0x7f800000, -0x80000000, 0x7fffffff]) {
      const other = make();
      const odd = tf.tensor1d([info[0], ...info.slice(1).map(() => filler)], 'int32');
      await other.setWeights(saved.map(({name, tensor}) => ({name, tensor: name === 'subset/v/info' ? odd : tensor})));
      weights.assign(start);
      step(other, [weights], 3);
      expect(await read([weights]), `info of ${filler}`).toEqual(expected);
      odd.dispose();
      other.dispose();
    }
    start.dispose();
    optimizer.dispose();
  });
});

describe('a state goes on', () => {
  const silos: Record<string, SiloKind> = {
    tensor: 'tensor',
    global: 'global',
    'a function': (name) => (name.startsWith('a') ? 'x' : 'y'),
  };
  const makers: Record<string, (kind: SiloKind) => SubsetOptimizer> = {
    adamw: (kind) => dynamicSubset(adamw({learningRate: 0.1}), {density: 0.2, silos: kind}),
    sgd: (kind) => dynamicSubset(sgd({learningRate: 0.1}), {density: 0.2, silos: kind}),
    project: (kind) => project(tf.train.momentum(0.1, 0.9), {density: 0.2, silos: kind}),
  };
  const cases = Object.entries(makers).flatMap(([rule, make]) =>
    Object.entries(silos).flatMap(([kind, silo]) =>
      [
        ['a', 'b', 'c'],
        // What tfjs-layers calls the weights of a model that is loaded beside another.
        ['a_1', 'b_1', 'c_1'],
      ].map((names) => ({rule, kind, names, make: () => make(silo)})),
    ),
  );
  const shapes = [[40], [3, 11], [2]];

  it.each(cases)('of $rule, silos of $kind, in $names', async ({make, names}) => {
    const old = ['a', 'b', 'c'].map((name, i) => variable(name, shapes[i], i + 1));
    const one = make();
    step(one, old, 3);
    const saved = await one.getWeights();
    const values = old.map((weights) => tf.clone(weights));
    step(one, old, 3);
    const expected = await read(old);
    if (names[0] === 'a') tf.dispose(old);
    const copies = names.map((name, i) => tf.variable(values[i], true, name));
    const other = make();
    await other.setWeights(saved);
    step(other, copies, 3);
    expect(await read(copies)).toEqual(expected);
    const [first, second] = await Promise.all([one.stats(), other.stats()]);
    expect({...second, silos: []}).toEqual({...first, silos: []});
    if (names[0] !== 'a') expect(await read(old)).toEqual(expected);
    tf.dispose(values);
    one.dispose();
    other.dispose();
  });

  it('with names that differ by numbers only, in a copy whose names are those of others', async () => {
    const run = async (names: string[], saved?: NamedTensor[], values?: number[][]) => {
      const weights = names.map((name, i) => {
        return values ? tf.variable(tf.tensor1d(values[i]), true, name) : variable(name, [40], i + 1);
      });
      const optimizer = dynamicSubset(adam({learningRate: 0.1}), {density: 0.5, silos: 'global'});
      if (saved) await optimizer.setWeights(saved);
      step(optimizer, weights, 3);
      const result = {weights, saved: await optimizer.getWeights(), values: await read(weights)};
      optimizer.dispose();
      return result;
    };
    const first = await run(['w', 'w_1', 'w_1_2']);
    tf.dispose(first.weights.slice(1));
    const copy = await run(['w_1', 'w_2', 'w_1_2'], first.saved, first.values);
    tf.dispose([...copy.weights, first.weights[0]]);
    const straight = await run(['w', 'w_1', 'w_1_2'], first.saved, first.values);
    expect(copy.values).toEqual(straight.values);
  });

  it('keeps variables apart whose names are one another’s beginnings', async () => {
    const run = async (names: string[]) => {
      const weights = names.map((name) => tf.variable(tf.ones([4]), true, name));
      const optimizer = dynamicSubset(adam({learningRate: 0.1}), {density: 1});
      step(optimizer, weights, 5);
      optimizer.dispose();
      return read(weights);
    };
    expect(await run(['x', 'x_1', 'x_1_2'])).toEqual(await run(['p', 'q', 'r']));
  });

  it('with a variable that is frozen where it goes on, and one that was when it was saved', async () => {
    const run = async (interrupted: boolean) => {
      const [base, head] = [variable('base', [40], 1), variable('head', [5, 5], 2)];
      const make = () => dynamicSubset(adam({learningRate: 0.1}), {density: 0.3, silos: 'global'});
      let optimizer = make();
      const go = async () => {
        if (!interrupted) return;
        const saved = await optimizer.getWeights();
        optimizer.dispose();
        optimizer = make();
        await optimizer.setWeights(saved);
      };
      step(optimizer, [head], 2);
      await go();
      step(optimizer, [base, head], 2);
      await go();
      step(optimizer, [head], 2);
      await go();
      step(optimizer, [base, head], 2);
      const values = await read([base, head]);
      const {budget, size} = await optimizer.stats();
      optimizer.dispose();
      tf.dispose([base, head]);
      return {values, budget, size};
    };
    expect(await run(true)).toEqual(await run(false));
  });

  it('with the budget that it had, in what is reported', async () => {
    const weights = variable('v', [100]);
    const make = () =>
      dynamicSubset(adam({learningRate: 0.1}), {parameters: linear({from: 90, to: 10, steps: 10}), freezeAfter: 4});
    const optimizer = make();
    step(optimizer, [weights], 7);
    const saved = await optimizer.getWeights();
    const resumed = make();
    await resumed.setWeights(saved);
    step(resumed, [weights]);
    for (const one of [optimizer, resumed]) {
      expect((await one.stats()).budget).toBe(66);
      expect(one.trainableParameters()).toBe('trainable params: 66 || all params: 100 || trainable%: 66.0000');
    }
    await resumed.setWeights(saved);
    expect((await resumed.stats()).budget).toBe(66);
    optimizer.dispose();
    resumed.dispose();
  });

  it('is refused with other silos', async () => {
    const weights = [variable('a'), variable('b', [40], 2)];
    const optimizer = dynamicSubset(adam({learningRate: 0.1}), {density: 0.2});
    optimizer.minimize(loss(weights), false, weights);
    const saved = await optimizer.getWeights();
    const other = dynamicSubset(adam({learningRate: 0.1}), {density: 0.2, silos: 'global'});
    await other.setWeights(saved);
    expect(() => step(other, weights)).toThrow("silo 'global' is made of 2 saved silos ('a', 'b'), expected one");
    optimizer.dispose();
    other.dispose();
  });
});
