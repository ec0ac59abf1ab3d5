import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {adafactor, adamw, dynamicSubset, linear, project, type SubsetOptimizer} from './index.js';

afterEach(() => tf.disposeVariables());

function model(): tf.Sequential {
  const initializer = (seed: number) => tf.initializers.randomUniform({minval: -1, maxval: 1, seed});
  return tf.sequential({
    layers: [
      tf.layers.dense({units: 8, inputShape: [4], activation: 'tanh', kernelInitializer: initializer(1)}),
      tf.layers.dense({units: 1, kernelInitializer: initializer(2)}),
    ],
  });
}

const x = () => tf.randomUniform([32, 4], -1, 1, 'float32', 3);
const y = () => tf.randomUniform([32, 1], -1, 1, 'float32', 4);
/** 4·8 + 8 + 8 + 1. */
const total = 49;

async function flat(layers: tf.LayersModel): Promise<number[]> {
  const values = await Promise.all(layers.getWeights().map((weight) => weight.data()));
  return values.flatMap((array) => [...array]);
}

const makers: Record<string, () => SubsetOptimizer> = {
  dynamicSubset: () =>
    dynamicSubset(adamw({learningRate: linear({from: 0.05, to: 0.01, steps: 20}), decayTowards: 'seed'}), {
      parameters: 5,
      silos: (name) => (name.includes('kernel') ? 'Kernels_ofAll' : 'rest'),
    }),
  adafactor: () => dynamicSubset(adafactor({learningRate: 0.05}), {density: 0.1, distance: 'weighted'}),
  project: () => project(tf.train.rmsprop(0.01), {parameters: 5, silos: 'layer'}),
};

describe.each(Object.entries(makers))('LayersModel with %s', (_, make) => {
  it('compiles, fits and changes as many weights as the budget', async () => {
    const layers = model();
    const before = await flat(layers);
    const optimizer = make();
    layers.compile({optimizer, loss: 'meanSquaredError'});
    const history = await layers.fit(x(), y(), {epochs: 10, batchSize: 32, verbose: 0, shuffle: false});
    const losses = history.history.loss;
    expect(Number(losses[9])).toBeLessThan(Number(losses[0]));
    const after = await flat(layers);
    const changed = after.filter((value, i) => value !== before[i]).length;
    expect(changed).toBeGreaterThan(0);
    expect(changed).toBe((await optimizer.stats()).size);
    expect(changed).toBeLessThanOrEqual(5);
    expect(optimizer.trainableParameters()).toBe(
      `trainable params: 5 || all params: ${total} || trainable%: ${((100 * 5) / total).toFixed(4)}`,
    );
    layers.dispose();
  });

  // Loaded beside another its weights have other names: `kernel_1` for `kernel`.
  it.each(['instead of', 'beside'])(
    'saved and loaded %s another, goes on as if nothing had happened',
    async (where) => {
      const layers = model();
      layers.compile({optimizer: make(), loss: 'meanSquaredError'});
      const fit = (which: tf.LayersModel) =>
        which.fit(x(), y(), {epochs: 4, batchSize: 32, verbose: 0, shuffle: false});
      await fit(layers);
      let saved: tf.io.ModelArtifacts | undefined;
      await layers.save(
        tf.io.withSaveHandler(async (artifacts) => {
          saved = structuredClone(artifacts);
          return {modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts)};
        }),
        {includeOptimizer: true},
      );
      await fit(layers);
      const straight = await flat(layers);
      if (where === 'instead of') {
        layers.dispose();
        tf.disposeVariables();
      }

      if (saved === undefined) throw new Error('nothing was saved');
      const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved));
      await fit(loaded);
      expect(await flat(loaded)).toEqual(straight);
      if (where === 'beside') expect(await flat(layers)).toEqual(straight);
      loaded.dispose();
    },
  );

  it('saved again and again with its optimizer, between steps, leaves nothing behind', async () => {
    const layers = model();
    layers.compile({optimizer: make(), loss: 'meanSquaredError'});
    const inputs = x();
    const targets = y();
    const memory: number[][] = [];
    const sizes = new Set<number | undefined>();
    const handler = tf.io.withSaveHandler(async (artifacts) => {
      const info = tf.io.getModelArtifactsInfoForJSON(artifacts);
      sizes.add(info.weightDataBytes);
      return {modelArtifactsInfo: info};
    });
    for (let save = 0; save < 5; save++) {
      await layers.fit(inputs, targets, {epochs: 1, batchSize: 32, verbose: 0, shuffle: false});
      await layers.save(handler, {includeOptimizer: true});
      await layers.save(handler, {includeOptimizer: true});
      memory.push([tf.memory().numTensors, tf.memory().numBytes]);
    }
    expect(new Set(memory.map(String)).size).toBe(1);
    expect(sizes.size).toBe(1);
    layers.dispose();
    tf.dispose([inputs, targets]);
  });
});
