import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {applyDelta} from './apply-delta.js';
import {bitsOf, readBits} from './bits.js';
import {changesBetween} from './changes-between.js';
import {createDelta} from './create-delta.js';
import {readDelta} from './read-delta.js';
import {writeDelta} from './write-delta.js';

const fromWords = (...words: number[]) => new Float32Array(Uint32Array.from(words).buffer);
const variable = (value: tf.Tensor) => {
  const made = tf.variable(value, false);
  value.dispose();
  return made;
};
const assign = (weight: tf.Variable | undefined, value: tf.Tensor) => {
  weight?.assign(value);
  value.dispose();
};
const keep = (weights: ReadonlyMap<string, tf.Tensor>) =>
  new Map(Array.from(weights, ([name, weight]) => [name, weight.clone()]));

afterEach(() => {
  tf.disposeVariables();
  tf.dispose(made.splice(0));
});
const made: tf.Tensor[] = [];
const kept = (weights: ReadonlyMap<string, tf.Tensor>) => {
  const before = keep(weights);
  made.push(...before.values());
  return before;
};

describe('changesBetween', () => {
  it('finds each entry that differs in a bit, with what it was', async () => {
    const weights = new Map([
      ['bits', variable(tf.tensor(fromWords(0, 0x7fc00001, 0x7fc00001, 1), [2, 2]))],
      ['same', variable(tf.tensor1d([1, 2]))],
      ['scalar', variable(tf.scalar(1))],
      ['steps', variable(tf.tensor1d([1, 2], 'int32'))],
      ['none', variable(tf.zeros([0, 3]))],
    ]);
    const before = kept(weights);
    assign(weights.get('bits'), tf.tensor(fromWords(0x80000000, 0x7fc00001, 0x7fc00002, 1), [2, 2]));
    for (const name of ['same', 'steps', 'none']) {
      const weight = weights.get(name);
      if (weight) assign(weight, tf.tensor(await weight.data(), weight.shape, weight.dtype));
    }
    assign(weights.get('scalar'), tf.scalar(2));
    const {numTensors} = tf.memory();
    const changes = await changesBetween(before, weights);
    expect(tf.memory().numTensors).toBe(numTensors);
    const words = ({values, seeds}: (typeof changes)[number]) => [[...bitsOf(values)], [...bitsOf(seeds ?? values)]];
    expect(changes).toMatchObject([
      {name: 'bits', shape: [2, 2], positions: Uint32Array.of(0, 2)},
      {name: 'scalar', shape: [], positions: Uint32Array.of(0), values: Float32Array.of(2), seeds: Float32Array.of(1)},
    ]);
    expect(words(changes[0])).toEqual([
      [0x80000000, 0x7fc00002],
      [0, 0x7fc00001],
    ]);
  });

  it('looks at the weights that were kept, as they are at the call', async () => {
    const weights = new Map(['a', 'b'].map((name) => [name, variable(tf.scalar(0))]));
    const before = kept(new Map([...weights].slice(0, 1)));
    for (const weight of weights.values()) assign(weight, tf.scalar(1));
    const comparing = changesBetween(before, weights);
    assign(weights.get('a'), tf.scalar(2));
    tf.dispose([...weights.values(), ...before.values()]);
    expect(await comparing).toMatchObject([{name: 'a', values: Float32Array.of(1)}]);
  });

  it.each<[string, () => [Map<string, tf.Tensor>, Map<string, tf.Tensor>], string]>([
    ['a name that is gone', () => [one(tf.scalar(1)), new Map()], 'w: the weights after have none of this name'],
    [
      'another shape',
      () => [one(tf.ones([2])), one(tf.ones([2, 1]))],
      'w: the weight is float32 [2,1], expected float32 [2], as before',
    ],
    [
      'another dtype',
      () => [one(tf.ones([2])), one(tf.ones([2], 'int32'))],
      'w: the weight is int32 [2], expected float32 [2]',
    ],
    [
      'integers that changed',
      () => [one(tf.ones([2], 'int32')), one(tf.zeros([2], 'int32'))],
      'w: the weight is int32 and changed, expected float32',
    ],
    [
      'truths that changed',
      () => [one(tf.scalar(true)), one(tf.scalar(false))],
      'w: the weight is bool and changed, expected float32',
    ],
  ])('refuses %s', async (_, given, message) => {
    const {numTensors} = tf.memory();
    const [before, after] = given();
    await expect(changesBetween(before, after)).rejects.toThrow(message);
    tf.dispose([...before.values(), ...after.values()]);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
  const one = (value: tf.Tensor) => new Map([['w', value]]);

  it('refuses a variable that was not kept, and one that is disposed', async () => {
    const weights = new Map([['w', variable(tf.scalar(1))]]);
    await expect(changesBetween(weights, weights)).rejects.toThrow(
      'w: before and after are one tensor, expected before to be a clone',
    );
    const before = keep(weights);
    tf.dispose([...before.values()]);
    await expect(changesBetween(before, weights)).rejects.toThrow("w: the model's weight is disposed");
  });
});

describe('a LayersModel with batch normalisation', () => {
  const build = () =>
    tf.sequential({
      layers: [
        tf.layers.dense({units: 8, inputShape: [4], kernelInitializer: tf.initializers.glorotNormal({seed: 1})}),
        tf.layers.batchNormalization({momentum: 0.5}),
        tf.layers.dense({units: 1, kernelInitializer: tf.initializers.glorotNormal({seed: 2})}),
      ],
    });
  // Layers are called anew in each model; their places are not.
  const weightsOf = (model: tf.LayersModel): Map<string, tf.Variable> =>
    new Map(
      model.layers.flatMap((layer, i) =>
        layer.weights.map((w) => [`${i}/${w.originalName.split('/')[1]}`, variableOf(w)]),
      ),
    );
  const variableOf = (weight: tf.LayerVariable) => {
    const value = weight.read();
    if (!(value instanceof tf.Variable)) throw new Error(`${weight.name} is no variable`);
    return value;
  };

  /** Trains a model, and makes the delta of what changed of the weights that `chosen` names. */
  async function deltaOf(model: tf.LayersModel, chosen: (name: string) => boolean) {
    const weights = weightsOf(model);
    const before = kept(new Map([...weights].filter(([name]) => chosen(name))));
    model.compile({optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError'});
    const x = tf.randomNormal([16, 4], 3, 2, 'float32', 3);
    const y = tf.randomNormal([16, 1], 0, 1, 'float32', 4);
    await model.fit(x, y, {epochs: 5, verbose: 0, shuffle: false});
    const changes = await changesBetween(before, weights);
    const delta = await createDelta(changes, {base: 'bn', weights});
    const prediction = model.predict(x) as tf.Tensor; // one output
    made.push(x, y, prediction);
    return {delta: readDelta(writeDelta(delta)), x, prediction};
  }

  it('is the tuned model again as seed and delta, its moving mean and variance included', async () => {
    const {delta, x, prediction} = await deltaOf(build(), () => true);
    expect(delta.tensors.map(({name}) => name)).toEqual(expect.arrayContaining(['1/moving_mean', '1/moving_variance']));
    const fresh = build();
    await applyDelta({weights: weightsOf(fresh)}, delta, {verify: 'all'});
    const again = fresh.predict(x) as tf.Tensor; // one output
    made.push(again);
    expect(await readBits(again)).toEqual(await readBits(prediction));
  });

  it('says so where its moving mean and variance are no part of the delta', async () => {
    const {delta, x, prediction} = await deltaOf(build(), (name) => !name.includes('moving'));
    const fresh = build();
    const weights = weightsOf(fresh);
    await expect(applyDelta({weights}, delta, {verify: 'all'})).rejects.toThrow(
      /^delta: SHA-256 of the model's 8 weights/,
    );
    await applyDelta({weights}, delta);
    const again = fresh.predict(x) as tf.Tensor; // one output
    made.push(again);
    expect(await readBits(again)).not.toEqual(await readBits(prediction));
  });
});
