import {
  type EncoderDecoderModel,
  loadClassifier,
  loadEncoderDecoder,
  loadModel,
  type SequenceClassifier,
  type CausalModel,
} from '@subset-tuning/models';
import {asFloat32, readSafetensors, writeSafetensors} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs-core';
import {readFile, readJson} from '../../../test/read-file.js';
import type {Adapter, PeftFiles} from '../src/index.js';

// The cases of make_adapters.py.

/** What `make_adapters.py` has written of a case. */
export interface AdapterGolden {
  base: string;
  inputs: number[][];
  targets: number[][];
  weights: number[][];
  labels: number[];
  rate: number;
  losses: number[];
  parameters: number;
  /** Of virtual tokens: what the untrained model says to these. */
  texts?: string[];
  answers?: number[][];
}

/** A model with one loss and one kind of logits. */
export interface GoldenModel {
  model: CausalModel | EncoderDecoderModel | SequenceClassifier;
  logits(): tf.Tensor;
  loss(recompute?: boolean): tf.Scalar;
}

const here = new URL('make_adapters.py', import.meta.url);
const models = new URL('../../models/golden/', here);

function caseFile(name: string, file: string): Promise<Uint8Array> {
  return readFile(new URL(`cases/${name}/${file}`, here));
}

export async function readFilesOf(name: string): Promise<PeftFiles> {
  return {
    'adapter_config.json': await caseFile(name, 'adapter_config.json'),
    'adapter_model.safetensors': await caseFile(name, 'adapter_model.safetensors'),
  };
}

export async function readCase(name: string) {
  const golden = await readJson<AdapterGolden>(new URL(`cases/${name}/golden.json`, here));
  const {tensors} = readSafetensors(await caseFile(name, 'golden.safetensors'));
  return {golden, tensors: new Map(Array.from(tensors, ([key, tensor]) => [key, asFloat32(tensor)]))};
}

/** The model that a case's adapter lies over. */
export async function loadBase({base, inputs, targets, weights, labels}: AdapterGolden): Promise<GoldenModel> {
  const file = (path: string) => readFile(new URL(path, models));
  const folder = async (tokenizer: string, model = 'model.safetensors') =>
    readIn({
      'config.json': await file(`${base}/config.json`),
      'tokenizer.json': await file(tokenizer),
      'model.safetensors': await file(`${base}/${model}`),
    });
  if (base === 't5/t5') {
    const model = await loadEncoderDecoder(base, {read: await folder('t5/tokenizer.json')});
    return {
      model,
      logits: () => model.logits({inputs, targets}),
      loss: (recompute = false) => model.loss({inputs, targets}, {recompute}),
    };
  }
  if (base === 'encoders/bert') {
    const parts = ['backbone', 'pooler', 'classification'].map((part) => file(`${base}/${part}.safetensors`));
    const tensors = (await Promise.all(parts)).flatMap((bytes) => [...readSafetensors(bytes).tensors]);
    const config = JSON.parse(new TextDecoder().decode(await file(`${base}/config.json`)));
    const model = await loadClassifier(base, {
      read: readIn({
        'config.json': encode({...config, architectures: ['BertForSequenceClassification']}),
        'tokenizer.json': await file('encoders/tokenizer.json'),
        'model.safetensors': writeSafetensors({tensors: new Map(tensors)}),
      }),
    });
    return {
      model,
      logits: () => model.logits(inputs),
      loss: (recompute = false) => model.loss({inputs, labels}, {recompute}),
    };
  }
  const model = await loadModel(base, {read: await folder('tiny-llama/tokenizer.json')});
  return {
    model,
    logits: () => model.logits(inputs),
    loss: (recompute = false) => model.loss({inputs, targets, weights}, {recompute}),
  };
}

/** The model that the adapter of the case of this name lies over. */
export async function baseOf(name: string): Promise<GoldenModel> {
  const {golden} = await readCase(name);
  return loadBase(golden);
}

/** A base whose model answers in texts. */
export function languageModel({model, ...base}: GoldenModel) {
  if (!('generate' in model)) throw new Error(`${model.id} generates nothing`);
  return {...base, model};
}

/** Moves all that an adapter trains from where it began, by seeded noise. */
export function shake({variables}: Adapter, deviation = 0.1): void {
  tf.tidy(() => {
    for (const [i, variable] of variables.entries()) {
      variable.assign(tf.add(variable, tf.randomNormal(variable.shape, 0, deviation, 'float32', i + 1)));
    }
  });
}

/** The values of a model's own weights, by name. */
export async function weightsOf({model}: GoldenModel): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const [name, weight] of model.weights) values.set(name, Float32Array.from(await weight.data<'float32'>()));
  return values;
}

const encode = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));

function readIn(files: Record<string, Uint8Array>) {
  return async (name: string) => {
    const bytes = files[name];
    if (!bytes) throw Object.assign(new Error(`no file ${name}`), {code: 'ENOENT'});
    return bytes;
  };
}

/**
 * How far values are from the expected ones, as a share of the largest of those. Where all of those are 0 but for rounding,
 * as the gradient by what moves no softmax is, 10⁻⁶ is as far as a share of 10⁻⁴.
 */
export function errorOf(values: ArrayLike<number>, expected: ArrayLike<number> | undefined): number {
  if (values.length !== expected?.length) throw new Error(`${values.length} values, expected ${expected?.length}`);
  let [most, error] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    most = Math.max(most, Math.abs(expected[i]));
    error = Math.max(error, Math.abs(values[i] - expected[i]));
  }
  return error / (most > 1e-6 ? most : 1e-2);
}

export async function valuesOf(x: tf.Tensor): Promise<Float32Array> {
  const values = Float32Array.from(await x.data<'float32'>());
  x.dispose();
  return values;
}

/** The gradient by a variable of so many elements, of an adapter without a name, by what PEFT calls it. */
export function gradientOf(
  tensors: ReadonlyMap<string, Float32Array>,
  variable: string,
  size: number,
): Float32Array | undefined {
  const name = variable.replace('adapter/', '');
  const wrapped = name.replace(/\.bias$/, '.base_layer.bias');
  const stored = [`base_model.model.${name}`, `base_model.model.${wrapped}`, `base_model.${name}`, name];
  const found = stored.map((one) => tensors.get(`gradient.${one}`)).find((one) => one);
  // For a decoder PEFT keeps a second prompt, which it does not read.
  return name === 'prompt_embeddings' && found?.length === 2 * size ? found.subarray(0, size) : found;
}
