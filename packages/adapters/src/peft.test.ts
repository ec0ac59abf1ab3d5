import {mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {
  errorOf,
  type GoldenModel,
  gradientOf,
  loadBase,
  readCase,
  readFilesOf,
  shake,
  valuesOf,
} from '../golden/adapter-fixture.js';
import {attach, loadAdapter, type PeftFiles} from './index.js';

// What PEFT makes of adapters over tiny models: see golden/make_adapters.py.

const cases = [
  ...['lora', 'lora-rslora-bias', 'lora-some', 'lora-bert', 'lora-t5', 'dora', 'dora-gpt2'],
  ...['pissa', 'pissa-dora-gpt2', 'ia3', 'ia3-gpt2', 'ia3-bert'],
  ...['prompt', 'prompt-gpt2', 'prompt-gemma3', 'prompt-bert', 'prompt-t5'],
  ...['prefix', 'prefix-gpt2', 'prefix-gemma3', 'prefix-bert', 'prefix-t5'],
];

describe.each(cases)('%s', (name) => {
  let base: GoldenModel;
  let golden: Awaited<ReturnType<typeof readCase>>['golden'];
  let tensors: Map<string, Float32Array>;
  let tensorsBefore: number;
  beforeEach(async () => {
    tensorsBefore = tf.memory().numTensors;
    ({golden, tensors} = await readCase(name));
    base = await loadBase(golden);
  });
  afterEach(() => {
    tf.disposeVariables();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });

  it('has the logits, the gradients and the steps of PEFT, and leaves the model as it was', async () => {
    const before = new Map<string, Float32Array>();
    for (const [key, weight] of base.model.weights) before.set(key, Float32Array.from(await weight.data()));
    const plain = await valuesOf(base.logits());
    const {numTensors} = tf.memory();

    const adapter = await loadAdapter(base.model, await readFilesOf(name));
    expect(adapter.parameters).toBe(name === 'prompt-t5' ? golden.parameters / 2 : golden.parameters);
    expect(errorOf(await valuesOf(base.logits()), tensors.get('logits'))).toBeLessThan(1e-4);

    const {texts, answers} = golden;
    if (texts && answers && 'generate' in base.model) {
      const {tokenizer} = base.model;
      const wanted = answers.map((ids) => tokenizer.decode(ids));
      expect(await base.model.generate(texts, {maxTokens: 6, stop: []})).toEqual(wanted);
      // Each alone, without padding.
      for (const [i, text] of texts.entries()) {
        expect(await base.model.generate([text], {maxTokens: 6, stop: []})).toEqual([wanted[i]]);
      }
    }

    for (const recompute of [false, true]) {
      const {value, grads} = tf.variableGrads(() => base.loss(recompute));
      expect((await valuesOf(value))[0] / golden.losses[0]).toBeCloseTo(1, 5);
      expect(Object.keys(grads).length).toBe(adapter.variables.length);
      for (const [key, gradient] of Object.entries(grads)) {
        const wanted = gradientOf(tensors, key, gradient.size);
        expect(errorOf(await valuesOf(gradient), wanted), key).toBeLessThan(1e-4);
      }
    }

    const optimizer = tf.train.sgd(golden.rate);
    const {numTensors: inTraining} = tf.memory();
    for (const [step, loss] of golden.losses.entries()) {
      const made = optimizer.minimize(() => base.loss(), true);
      if (!made) throw new Error('no loss');
      expect(Math.abs((await valuesOf(made))[0] / loss - 1), `step ${step}`).toBeLessThan(1e-4);
    }
    expect(tf.memory().numTensors).toBe(inTraining);
    optimizer.dispose();
    const trained = await valuesOf(base.logits());
    expect(errorOf(trained, tensors.get('logits.trained'))).toBeLessThan(1e-4);

    const files = await adapter.save();
    await writeForPeft(name, files, {base: golden.base, logits: [...trained]});

    if (name.startsWith('pr')) {
      expect(() => adapter.detach({merge: true})).toThrow('merge: virtual tokens are no change of weights');
      const again = await loadAdapter(base.model, files, {name: 'again'});
      expect(await valuesOf(base.logits())).toEqual(trained);
      again.deactivate();
      expect(await valuesOf(base.logits())).not.toEqual(trained);
      adapter.activate();
      expect(await valuesOf(base.logits())).toEqual(trained);
      again.detach();
    } else {
      adapter.merge();
      expect(errorOf(await valuesOf(base.logits()), trained)).toBeLessThan(1e-5);
      adapter.unmerge();
      expect(await valuesOf(base.logits())).toEqual(trained);
      adapter.merge();
    }
    adapter.detach();
    for (const [key, weight] of base.model.weights) {
      expect(weight.trainable).toBe(true);
      expect(await weight.data(), key).toEqual(before.get(key));
    }
    expect(await valuesOf(base.logits())).toEqual(plain);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe('embeddings that are the output layer, too', () => {
  it.each([
    ['lora', 'embed_tokens'],
    ['lora-t5', 'shared'],
  ])('of %s are trained whole as one, and PEFT is told so', async (name, whole) => {
    const {golden} = await readCase(name);
    const {model, logits} = await loadBase(golden);
    const adapter = await attach(model, {method: 'lora', rank: 2, modulesToSave: [whole]});
    shake(adapter);
    const shaken = await valuesOf(logits());
    const files = await adapter.save();
    await writeForPeft(`tied-${name}`, files, {base: golden.base, logits: [...shaken]});
    adapter.detach();
    const again = await loadAdapter(model, files);
    expect(await valuesOf(logits())).toEqual(shaken);
    again.detach();
    model.dispose();
  });
});

/** What `make_adapters.py --check` lets PEFT load: to the folder that the environment's `ADAPTERS_OUT` names. */
async function writeForPeft(name: string, files: PeftFiles, expected: object): Promise<void> {
  const {ADAPTERS_OUT: out} = process.env;
  if (!out) return;
  await mkdir(join(out, name), {recursive: true});
  for (const [file, content] of Object.entries({...files, 'expected.json': JSON.stringify(expected)})) {
    await writeFile(join(out, name, file), content);
  }
}
