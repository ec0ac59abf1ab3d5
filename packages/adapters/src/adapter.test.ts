import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {randomCases} from '../../../test/scale.js';
import {
  baseOf,
  errorOf,
  type GoldenModel,
  languageModel,
  shake,
  valuesOf,
  weightsOf,
} from '../golden/adapter-fixture.js';
import {type Adapter, type AttachConfig, attach, loadAdapter} from './index.js';

let tensorsBefore: number;
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  tf.disposeVariables();
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

const VARIANTS: Record<string, AttachConfig> = {
  lora: {method: 'lora', rank: 3, alpha: 6},
  rslora: {method: 'lora', rank: 3, rankStabilized: true, dropout: 0.1},
  dora: {method: 'lora', rank: 2, dora: true},
  pissa: {method: 'lora', rank: 2, init: 'pissa'},
  'pissa and dora': {method: 'lora', rank: 2, init: 'pissa', dora: true, bias: 'lora_only'},
  'all biases': {method: 'lora', rank: 1, init: 'gaussian', bias: 'all'},
  ia3: {method: 'ia3'},
};

/** Cases by what their adapters lie over: Llama, GPT-2 with its turned weights, a classifier, an encoder and a decoder. */
const BASES = ['lora', 'lora-rslora-bias', 'lora-bert', 'lora-t5'];

async function valuesIn({variables}: Adapter): Promise<Float32Array[]> {
  return Promise.all(variables.map(async (variable) => Float32Array.from(await variable.data<'float32'>())));
}

function step({loss}: GoldenModel, learningRate = 0.01): void {
  const optimizer = tf.train.sgd(learningRate);
  try {
    optimizer.minimize(() => loss());
  } finally {
    optimizer.dispose();
  }
}

describe.each(BASES)('over the model of %s', (name) => {
  it.each(Object.entries(VARIANTS))('%s is the same merged, and leaves as it came, bit for bit', async (_, config) => {
    const base = await baseOf(name);
    const [before, plain] = [await weightsOf(base), await valuesOf(base.logits())];
    const {numTensors} = tf.memory();
    const adapter = await attach(base.model, config);
    shake(adapter);
    const shaken = await valuesOf(base.logits());
    expect(errorOf(shaken, plain)).toBeGreaterThan(1e-3);
    adapter.merge();
    expect(errorOf(await valuesOf(base.logits()), shaken)).toBeLessThan(1e-5);
    adapter.unmerge();
    expect(await weightsOf(base)).toEqual(before);
    expect(await valuesOf(base.logits())).toEqual(shaken);
    adapter.detach();
    expect(await weightsOf(base)).toEqual(before);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('attaching, training, saving, loading, merging and detaching leave no tensor and no changed weight', async () => {
    const base = await baseOf(name);
    const before = await weightsOf(base);
    const {numTensors, numBytes} = tf.memory();
    const config = fc.record(
      {
        method: fc.constant('lora' as const),
        rank: fc.integer({min: 1, max: 4}),
        alpha: fc.integer({min: 1, max: 16}),
        rankStabilized: fc.boolean(),
        dropout: fc.constantFrom(0, 0.2),
        init: fc.constantFrom('kaiming', 'gaussian', 'pissa'),
        dora: fc.boolean(),
        bias: fc.constantFrom('none', 'all', 'lora_only'),
        layers: fc.constantFrom(0, 1),
      },
      {requiredKeys: ['method', 'rank']},
    );
    const configs: fc.Arbitrary<AttachConfig> = fc.oneof(
      {arbitrary: config, weight: 4},
      {arbitrary: fc.constant({method: 'ia3' as const}), weight: 1},
    );
    await fc.assert(
      fc.asyncProperty(configs, fc.boolean(), async (config, isMerged) => {
        const adapter = await attach(base.model, config);
        const {numTensors: attached} = tf.memory();
        step(base);
        const files = await adapter.save();
        const trained = await valuesIn(adapter);
        step(base);
        adapter.load(files);
        expect(await valuesIn(adapter)).toEqual(trained);
        adapter.merge();
        adapter.unmerge();
        expect(tf.memory().numTensors).toBe(attached);
        if (isMerged) adapter.merge();
        adapter.detach();
        const again = await loadAdapter(base.model, files);
        expect(await valuesIn(again)).toEqual(trained);
        again.detach();
        expect(tf.memory()).toMatchObject({numTensors, numBytes});
      }),
      {numRuns: randomCases(25)},
    );
    expect(await weightsOf(base)).toEqual(before);
    expect([...base.model.weights.values()].every(({trainable}) => trainable)).toBe(true);
  });
});

describe('detach', () => {
  it('with merge leaves the change in the weights, and nothing else', async () => {
    const base = await baseOf('lora-bert');
    const {numTensors, numBytes} = tf.memory();
    const adapter = await attach(base.model, VARIANTS.dora);
    shake(adapter);
    const shaken = await valuesOf(base.logits());
    adapter.detach({merge: true});
    expect(errorOf(await valuesOf(base.logits()), shaken)).toBeLessThan(1e-5);
    expect([...base.model.weights.values()].every(({trainable}) => trainable)).toBe(true);
    expect(tf.memory()).toMatchObject({numTensors, numBytes});
  });

  it('gives the weights back as they were trainable before', async () => {
    const {model} = await baseOf('lora');
    const [frozen, ...others] = model.weights.values();
    frozen.trainable = false;
    const [first, second] = [await attach(model, VARIANTS.lora), await attach(model, {...VARIANTS.ia3, name: 'b'})];
    first.detach();
    expect(others.some(({trainable}) => trainable)).toBe(false);
    second.detach();
    expect([frozen.trainable, others.every(({trainable}) => trainable)]).toEqual([false, true]);
  });

  it('refuses what is no option of it, and has then forgotten nothing', async () => {
    const {model, logits} = await baseOf('lora');
    const adapter = await attach(model, VARIANTS.lora);
    shake(adapter);
    const shaken = await valuesOf(logits());
    expect(() => adapter.detach({merged: true} as never)).toThrow(
      new Error('detach: there is no option "merged" (true), expected merge'),
    );
    expect(() => adapter.detach({merge: 1} as never)).toThrow(new Error('detach: merge is 1, expected true or false'));
    expect(await valuesOf(logits())).toEqual(shaken);
    adapter.detach();
    for (const call of ['activate', 'deactivate', 'merge', 'unmerge', 'detach'] as const) {
      expect(() => adapter[call]()).toThrow(`${call}: the adapter is detached, expected one that is laid over a model`);
    }
  });

  it('frees an adapter of a model that is gone', async () => {
    const {model} = await baseOf('lora');
    const adapter = await attach(model, VARIANTS.lora);
    adapter.merge();
    model.dispose();
    adapter.detach();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });
});

describe('several adapters', () => {
  let base: GoldenModel;
  let adapters: Adapter[];
  /** What each makes alone, and merged; last what the model makes without any. */
  let alone: Float32Array[];
  let merged: Float32Array[];
  beforeEach(async () => {
    base = await baseOf('lora-rslora-bias');
    const plain = await valuesOf(base.logits());
    [adapters, alone, merged] = [[], [], []];
    for (const [i, name] of ['all biases', 'ia3', 'pissa and dora'].entries()) {
      const adapter = await attach(base.model, {...VARIANTS[name], name: `of ${i}`});
      shake(adapter, 0.05 * (i + 1));
      adapters.push(adapter);
      alone.push(await valuesOf(base.logits()));
      adapter.merge();
      merged.push(await valuesOf(base.logits()));
      adapter.unmerge();
    }
    alone.push(plain);
  });
  afterEach(() => {
    for (const adapter of adapters) adapter.detach();
  });

  it('are each what they are alone, bit for bit, in whatever order they are switched', async () => {
    const {numTensors} = tf.memory();
    const calls = ['activate', 'deactivate', 'merge', 'unmerge'] as const;
    const steps = fc.array(fc.tuple(fc.constantFrom(...calls), fc.nat({max: 2})), {minLength: 1, maxLength: 8});
    await fc.assert(
      fc.asyncProperty(steps, async (steps) => {
        adapters[2].activate();
        let [active, mergedOne] = [2, -1];
        for (const [call, which] of steps) {
          const isRefused = call === 'unmerge' ? mergedOne !== which : mergedOne >= 0;
          if (isRefused) {
            expect(() => adapters[which][call]()).toThrow(
              call === 'unmerge'
                ? 'unmerge: the adapter is not merged'
                : `${call}: an adapter is merged into the model`,
            );
          } else {
            adapters[which][call]();
            if (call === 'activate' || call === 'unmerge') [active, mergedOne] = [which, -1];
            if (call === 'deactivate' && active === which) active = -1;
            if (call === 'merge') [active, mergedOne] = [-1, which];
          }
          expect(adapters.map(({isActive}) => isActive)).toEqual([0, 1, 2].map((i) => i === active));
          expect(adapters.map(({isMerged}) => isMerged)).toEqual([0, 1, 2].map((i) => i === mergedOne));
        }
        const expected = mergedOne >= 0 ? merged[mergedOne] : alone.at(active);
        expect(await valuesOf(base.logits())).toEqual(expected);
        if (mergedOne >= 0) adapters[mergedOne].unmerge();
        expect(tf.memory().numTensors).toBe(numTensors);
      }),
      {numRuns: randomCases(100)},
    );
  });

  it('never change one another, nor the model, in training', async () => {
    const before = await weightsOf(base);
    for (const [i, adapter] of adapters.entries()) {
      adapter.activate();
      const others = await Promise.all(adapters.map(valuesIn));
      const {numTensors} = tf.memory();
      step(base);
      expect(tf.memory().numTensors).toBe(numTensors);
      for (const [j, values] of others.entries()) {
        const now = await valuesIn(adapters[j]);
        if (i === j) expect(now).not.toEqual(values);
        else expect(now).toEqual(values);
      }
    }
    expect(await weightsOf(base)).toEqual(before);
    // Where all rest there is nothing to train.
    adapters[2].deactivate();
    expect(() => step(base)).toThrow('trainable');
  });

  it('are each freed alone, and the others stay', async () => {
    adapters[2].detach();
    expect(await valuesOf(base.logits())).toEqual(alone[3]);
    adapters[0].activate();
    expect(await valuesOf(base.logits())).toEqual(alone[0]);
    adapters.pop();
  });

  it('need names of their own', async () => {
    const {numTensors} = tf.memory();
    await expect(attach(base.model, {...VARIANTS.ia3, name: 'of 1'})).rejects.toThrow(
      /^attach: a variable called of 1\/\S+ exists already: give the adapter another name$/,
    );
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(adapters[2].isActive).toBe(true);
  });

  it('let none in beside one that is merged', async () => {
    adapters[1].merge();
    const {numTensors} = tf.memory();
    await expect(attach(base.model, {...VARIANTS.ia3, name: 'new'})).rejects.toThrow(
      'attach: an adapter is merged into the model, expected unmerge() or detach() before',
    );
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(await valuesOf(base.logits())).toEqual(merged[1]);
  });
});

describe('merge', () => {
  it('that fails changes nothing', async () => {
    const base = await baseOf('lora');
    const [before, plain] = [await weightsOf(base), await valuesOf(base.logits())];
    const adapter = await attach(base.model, VARIANTS.lora);
    const {numTensors} = tf.memory();
    adapter.variables.at(-1)?.dispose();
    expect(() => adapter.merge()).toThrow(); // in tfjs's words
    expect(tf.memory().numTensors).toBe(numTensors - 1);
    expect([adapter.isMerged, adapter.isActive]).toEqual([false, true]);
    expect(await weightsOf(base)).toEqual(before);
    adapter.detach();
    expect(await valuesOf(base.logits())).toEqual(plain);
  });
});

describe('generate', () => {
  it.each([
    ...Object.entries(VARIANTS),
    ['ia3 and a whole module', {method: 'ia3', modulesToSave: ['0.mlp', 'norm']}] as [string, AttachConfig],
    ['the embeddings whole', {method: 'lora', modulesToSave: ['embed_tokens']}] as [string, AttachConfig],
  ])('with %s says what the logits say, and the same when it is merged', async (_, config) => {
    const {model} = languageModel(await baseOf('lora'));
    const prompts = ['The whole', 'of'];
    const logits = model.logits.bind(model) as (rows: number[][]) => tf.Tensor3D; // a causal model's
    const plain = await model.generate(prompts, {maxTokens: 6});
    const adapter = await attach(model, config);
    shake(adapter, 0.3);
    const answers = await model.generate(prompts, {maxTokens: 6});
    expect(answers).not.toEqual(plain);
    for (const [i, prompt] of prompts.entries()) {
      const ids = [...model.tokenizer.encode(prompt)];
      const begin = ids.length;
      for (const _ of Array(6)) {
        const best = (await valuesOf(tf.tidy(() => tf.argMax(logits([ids]), 2)))).at(-1) ?? -1;
        if (model.config.eosTokenIds.includes(best)) break;
        ids.push(best);
      }
      expect(answers[i]).toBe(model.tokenizer.decode(ids.slice(begin)));
    }
    adapter.merge();
    expect(await model.generate(prompts, {maxTokens: 6})).toEqual(answers);
    adapter.detach();
    expect(await model.generate(prompts, {maxTokens: 6})).toEqual(plain);
  });

  it('goes on as it began where the adapter is taken off meanwhile', async () => {
    const {model} = languageModel(await baseOf('dora'));
    const adapter = await attach(model, VARIANTS.dora);
    shake(adapter, 0.3);
    const whole = await model.generate(['The whole'], {maxTokens: 6});
    const begun = model.generate(['The whole'], {maxTokens: 6});
    adapter.detach();
    expect(await begun).toEqual(whole);
  });
});

describe('save', () => {
  it('writes what was learnt at the call, whatever is trained before it ends', async () => {
    const base = await baseOf('lora');
    const adapter = await attach(base.model, VARIANTS.lora);
    shake(adapter);
    const {numTensors} = tf.memory();
    const files = await adapter.save();
    const begun = adapter.save();
    step(base, 1);
    expect(await begun).toEqual(files);
    expect(await adapter.save()).not.toEqual(files);
    expect(tf.memory().numTensors).toBe(numTensors);
    adapter.detach();
  });

  it('says what it was made by, whatever became of the configuration', async () => {
    const {model} = await baseOf('lora');
    const config: AttachConfig = {method: 'lora', rank: 2, alpha: 4};
    const adapter = await attach(model, config);
    Object.assign(config, {alpha: 99, rank: 7, modulesToSave: ['norm']});
    const {'adapter_config.json': bytes} = await adapter.save();
    expect(JSON.parse(new TextDecoder().decode(bytes))).toMatchObject({lora_alpha: 4, r: 2, modules_to_save: null});
    adapter.detach();
  });
});
