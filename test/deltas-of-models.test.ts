import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {applyDelta, changesBetween, createDelta, readDelta, writeDelta} from '@subset-tuning/deltas';
import {register} from '@subset-tuning/kernels-cpu';
import {type CausalModel, collate, loadEncoderDecoder, loadModel} from '@subset-tuning/models';
import {adamw, dynamicSubset} from '@subset-tuning/optimizer';
import * as tf from '@tensorflow/tfjs';
import {beforeAll, describe, expect, test} from 'vitest';

// Whether the optimizer's subset, a model and a delta fit together: seed and delta must be the tuned model, bit for bit.

beforeAll(async () => {
  await tf.setBackend('cpu');
  register();
});

test('a model tuned under a scope gives a delta for one without, and for one under another', async () => {
  const folder = fileURLToPath(new URL('../packages/models/golden/tiny-llama', import.meta.url));
  const [first, second, third] = await Promise.all(
    [undefined, 'tuned', 'third'].map((scope) => loadModel(folder, {...(scope !== undefined && {scope})})),
  );
  if (!first || !second || !third) throw new Error('expected three models');
  const ids = (text: string, addSpecialTokens: boolean) => second.tokenizer.encode(text, {addSpecialTokens});
  const source = ids('Where do you live?<de>', true);
  const batch = collate([{ids: [...source, ...ids('Wo wohnen Sie?', false), 2], sourceLength: source.length}]);
  const optimizer = dynamicSubset(adamw({learningRate: 0.05}), {density: 0.01});
  for (let step = 0; step < 5; step++) {
    optimizer.minimize(() => second.loss(batch), false, [...second.weights.values()]);
  }
  const made = await createDelta(await optimizer.subset(), {base: 'tiny', weights: second.weights});
  const delta = readDelta(writeDelta(made));
  expect(delta.tensors.every(({name}) => first.weights.has(name))).toBe(true);
  const bits = async (model: CausalModel) =>
    Promise.all(
      Array.from(model.weights.values(), async (weight) => Buffer.from((await weight.data()).slice().buffer)),
    );
  const [seed, tuned] = [await bits(first), await bits(second)];
  expect(tuned).not.toEqual(seed);
  for (const model of [first, third]) {
    const revert = await applyDelta(model, delta, {verify: 'all'});
    expect(await bits(model)).toEqual(tuned);
    await revert();
    expect(await bits(model)).toEqual(seed);
  }
  optimizer.dispose();
  for (const model of [first, second, third]) model.dispose();
});

test('a tuned T5 is its seed and a delta, and leaves no tensor behind', async () => {
  const path = (name: string) => fileURLToPath(new URL(`../packages/models/golden/t5/${name}`, import.meta.url));
  const read = (file: string) => readFile(path(file === 'tokenizer.json' ? file : `t5-v1.1/${file}`));
  const {numTensors} = tf.memory();
  const load = (scope?: string) => loadEncoderDecoder('tiny', {read, ...(scope !== undefined && {scope})});
  const [seed, tuned] = [await load(), await load('tuned')];
  const batch = {
    inputs: ['Where do you live?', 'I know.'].map((text) => tuned.tokenizer.encode(text)),
    targets: ['Wo wohnst du?', 'du'].map((text) => tuned.tokenizer.encode(text)),
  };
  const optimizer = dynamicSubset(adamw({learningRate: 0.05}), {density: 0.01});
  optimizer.minimize(() => tuned.loss(batch, {recompute: true}), false, [...tuned.weights.values()]);
  const made = await createDelta(await optimizer.subset(), {base: 'tiny', weights: tuned.weights});
  const delta = readDelta(writeDelta(made));
  expect(delta.tensors.map(({name}) => name)).toContain('decoder.block.0.layer.1.EncDecAttention.k.weight');
  const logitsOf = (model: typeof seed) => tf.tidy(() => model.logits(batch).dataSync());
  const before = logitsOf(seed);
  const revert = await applyDelta(seed, delta, {verify: 'all'});
  expect(logitsOf(seed)).toEqual(logitsOf(tuned));
  expect(logitsOf(seed)).not.toEqual(before);
  await revert();
  expect(logitsOf(seed)).toEqual(before);
  optimizer.dispose();
  for (const model of [seed, tuned]) model.dispose();
  expect(tf.memory().numTensors).toBe(numTensors);
});

describe('a LayersModel with batch normalisation', () => {
  const weightsOf = (model: tf.LayersModel) =>
    new Map(
      model.weights.map((weight) => {
        const value = weight.read();
        if (!(value instanceof tf.Variable)) throw new Error(`${weight.name} is no variable`);
        return [weight.originalName, value] as const;
      }),
    );

  test('seed and delta are the tuned model, with the moving mean and variance beside the subset', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({units: 8, inputShape: [4], name: 'd0'}),
        tf.layers.batchNormalization({name: 'bn'}),
        tf.layers.dense({units: 1, name: 'd1'}),
      ],
    });
    const artifacts = await new Promise<tf.io.ModelArtifacts>((resolve) => {
      const save = (saved: tf.io.ModelArtifacts) => {
        resolve(saved);
        return Promise.resolve({modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved)});
      };
      void model.save(tf.io.withSaveHandler(save));
    });
    const x = tf.randomNormal([64, 4], 3, 2, 'float32', 1);
    const y = tf.randomNormal([64, 1], 0, 1, 'float32', 2);

    const weights = weightsOf(model);
    const moving = [...weights].filter(([, weight]) => !weight.trainable);
    const before = new Map(moving.map(([name, weight]) => [name, weight.clone()]));
    const optimizer = dynamicSubset(adamw({learningRate: 0.01}), {density: 0.1});
    model.compile({optimizer, loss: 'meanSquaredError'});
    await model.fit(x, y, {epochs: 20, verbose: 0});

    const changes = [...(await optimizer.subset()), ...(await changesBetween(before, weights))];
    const delta = readDelta(writeDelta(await createDelta(changes, {base: 'bn', weights})));
    const names = delta.tensors.map(({name}) => name);
    expect(names).toEqual(expect.arrayContaining(['bn/moving_mean', 'bn/moving_variance']));

    // A second model in the page: its variables have other names than the first's.
    const fresh = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
    expect(fresh.weights.map(({name}) => name)).not.toEqual(model.weights.map(({name}) => name));
    const predict = async (of: tf.LayersModel) => {
      const prediction = of.predict(x) as tf.Tensor; // one output
      return [...(await prediction.data())];
    };
    const seed = await predict(fresh);
    const tuned = await predict(model);
    expect(tuned).not.toEqual(seed);
    const revert = await applyDelta({weights: weightsOf(fresh)}, delta, {verify: 'all'});
    expect(await predict(fresh)).toEqual(tuned);
    await revert();
    expect(await predict(fresh)).toEqual(seed);

    // And a delta of the second model's, whose variables' names are no names of the map, is one for the first.
    const again = dynamicSubset(adamw({learningRate: 0.01}), {density: 0.1});
    const keptAgain = new Map(
      [...weightsOf(fresh)].filter(([, weight]) => !weight.trainable).map(([name, weight]) => [name, weight.clone()]),
    );
    fresh.compile({optimizer: again, loss: 'meanSquaredError'});
    await fresh.fit(x, y, {epochs: 2, verbose: 0});
    const second = await createDelta(
      [...(await again.subset()), ...(await changesBetween(keptAgain, weightsOf(fresh)))],
      {base: 'bn', weights: weightsOf(fresh)},
    );
    const third = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
    await applyDelta({weights: weightsOf(third)}, second, {verify: 'all'});
    expect(await predict(third)).toEqual(await predict(fresh));
  });
});
