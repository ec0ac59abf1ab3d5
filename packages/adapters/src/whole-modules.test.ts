import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {baseOf, errorOf, type GoldenModel, shake, valuesOf, weightsOf} from '../golden/adapter-fixture.js';
import {type Adapter, attach, type LoraConfig, loadAdapter} from './index.js';

let tensorsBefore: number;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  tf.disposeVariables();
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

/** The names of the model's own weights that an adapter trains. */
const wholesOf = ({variables}: Adapter, {model}: GoldenModel) =>
  variables.map(({name}) => name.replace('adapter/', '')).filter((name) => model.weights.has(name));

const lora = (config: Omit<LoraConfig, 'method'>): LoraConfig => ({method: 'lora', rank: 1, ...config});

/** Trains a step, and says which weights of the model the adapter gives instead have changed. */
async function changedBy(adapter: Adapter, base: GoldenModel): Promise<string[]> {
  const wholes = wholesOf(adapter, base);
  const before = await weightsOf(base);
  const optimizer = tf.train.sgd(0.1);
  for (let step = 0; step < 2; step++) optimizer.minimize(() => base.loss());
  optimizer.dispose();
  expect(await weightsOf(base)).toEqual(before);
  const changed = [];
  for (const name of wholes) {
    const variable = adapter.variables.find((one) => one.name === `adapter/${name}`);
    const values = Float32Array.from((await variable?.data<'float32'>()) ?? []);
    if (errorOf(values, before.get(name)) > 0) changed.push(name);
  }
  return changed;
}

/** What the adapter makes is the same when it is merged, and when it is read from its files; then the model is as it was. */
async function expectWhole(adapter: Adapter, base: GoldenModel): Promise<void> {
  const before = await weightsOf(base);
  const made = await valuesOf(base.logits());
  const files = await adapter.save();
  adapter.merge();
  expect(errorOf(await valuesOf(base.logits()), made)).toBeLessThan(1e-5);
  adapter.detach();
  expect(await weightsOf(base)).toEqual(before);
  const again = await loadAdapter(base.model, files);
  expect(await valuesOf(base.logits())).toEqual(made);
  again.detach();
}

describe('modulesToSave', () => {
  it('is a head’s output layer where nothing is said', async () => {
    const base = await baseOf('lora-bert');
    const adapter = await attach(base.model, lora({}));
    expect(wholesOf(adapter, base)).toEqual(['classifier.weight', 'classifier.bias']);
    expect(adapter.variables.some(({name}) => name.includes('classifier.lora'))).toBe(false);
    expect(await changedBy(adapter, base)).toEqual(['classifier.weight', 'classifier.bias']);
    await expectWhole(adapter, base);
    const none = await attach(base.model, lora({modulesToSave: []}));
    expect(wholesOf(none, base)).toEqual([]);
    none.detach();
    const over = await attach(base.model, lora({targets: 'classifier', modulesToSave: []}));
    expect(over.variables.map(({name}) => name)).toEqual(
      ['A', 'B'].map((part) => `adapter/classifier.lora_${part}.weight`),
    );
    over.detach();
  });

  it('takes a module by its name, by a part of it, or several, and lays nothing else over them', async () => {
    const base = await baseOf('lora');
    for (const [modulesToSave, wholes] of [
      [['model.norm'], ['model.norm.weight']],
      [['up_proj'], [0, 1].map((layer) => `model.layers.${layer}.mlp.up_proj.weight`)],
      [
        ['layers.1.mlp', 'norm'],
        [...['gate', 'up', 'down'].map((of) => `model.layers.1.mlp.${of}_proj.weight`), 'model.norm.weight'],
      ],
    ] as const) {
      const adapter = await attach(base.model, lora({modulesToSave}));
      expect(new Set(wholesOf(adapter, base))).toEqual(new Set(wholes));
      for (const whole of wholes) {
        expect(adapter.variables.some(({name}) => name.startsWith(`adapter/${whole.replace('weight', 'lora')}`))).toBe(
          false,
        );
      }
      expect(new Set(await changedBy(adapter, base))).toEqual(new Set(wholes));
      await expectWhole(adapter, base);
    }
  });

  it('goes with IA³, too', async () => {
    const base = await baseOf('ia3-gpt2');
    const adapter = await attach(base.model, {method: 'ia3', modulesToSave: ['h.0.mlp.c_fc', 'ln_f']});
    const wholes = ['transformer.h.0.mlp.c_fc', 'transformer.ln_f'].flatMap((name) => [
      `${name}.weight`,
      `${name}.bias`,
    ]);
    expect(new Set(await changedBy(adapter, base))).toEqual(new Set(wholes));
    shake(adapter);
    await expectWhole(adapter, base);
  });

  it('has to name modules of the model', async () => {
    const {model} = await baseOf('lora');
    const {numTensors} = tf.memory();
    for (const name of ['classifier', 'proj', '']) {
      await expect(attach(model, lora({modulesToSave: ['norm', name]}))).rejects.toThrow(
        new Error(`attach: modulesToSave has ${JSON.stringify(name)}, expected modules of the model`),
      );
    }
    await expect(attach(model, lora({modulesToSave: ['layers']}))).rejects.toThrow('there is no linear layer');
    expect(tf.memory().numTensors).toBe(numTensors);
    expect([...model.weights.values()].every(({trainable}) => trainable)).toBe(true);
  });
});

describe('bias', () => {
  const all = (base: GoldenModel) => [...base.model.weights.keys()].filter((name) => name.endsWith('.bias'));

  it.each(['lora-rslora-bias', 'lora-bert'])('over %s is none, those of the modules, or all', async (name) => {
    const base = await baseOf(name);
    const target = base.model.projections()[0].name;
    const wholes = name === 'lora-bert' ? ['classifier.bias'] : [];
    for (const [bias, expected] of [
      ['none', wholes],
      ['lora_only', [`${target}.bias`, ...wholes]],
      ['all', all(base)],
    ] as const) {
      const adapter = await attach(base.model, lora({bias, targets: target}));
      const biases = wholesOf(adapter, base).filter((one) => one.endsWith('.bias'));
      expect(new Set(biases)).toEqual(new Set(expected));
      shake(adapter);
      const changed = await changedBy(adapter, base);
      // A bias of keys moves every score of a query alike, which softmax does not see; but it has been shaken.
      expect(new Set(changed.filter((one) => one.endsWith('.bias')))).toEqual(new Set(expected));
      const stored = JSON.parse(new TextDecoder().decode((await adapter.save())['adapter_config.json']));
      expect(stored.bias).toBe(bias);
      await expectWhole(adapter, base);
    }
  });

  it('of a model that has none trains nothing more', async () => {
    const base = await baseOf('lora');
    const [none, some] = [await attach(base.model, lora({})), await attach(base.model, lora({bias: 'all', name: 'b'}))];
    expect(some.parameters).toBe(none.parameters);
    none.detach();
    some.detach();
  });
});
