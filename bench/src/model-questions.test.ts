import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {register} from '@subset-tuning/kernels-wasm';
import {loadModel} from '@subset-tuning/models';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {afterAll, beforeAll, expect, test, vi} from 'vitest';
import type {ModelRow} from './model-rows.js';
import {tokenIds} from './token-ids.js';

// What starts processes starts them from where it was built.
const built = fileURLToPath(new URL('../dist/bench.js', import.meta.url));
const model = fileURLToPath(new URL('../../packages/models/golden/tiny-llama', import.meta.url));

let folder: string;
beforeAll(async () => {
  vi.spyOn(console, 'log').mockReturnValue();
  folder = await mkdtemp(join(tmpdir(), 'bench-'));
});
afterAll(() => rm(folder, {recursive: true}));

async function ask(...args: string[]): Promise<ModelRow[]> {
  const {bench}: typeof import('./bench.js') = await import(built);
  const json = join(folder, `${args[0]}.json`);
  await bench([...args, '--model', model, '--turns', '2', '--json', json], ['cpu', 'wasm', 'tensorflow', 'webgpu']);
  return JSON.parse(await readFile(json, 'utf8'));
}

test('load: measures a process a turn and says what there is nothing to compare with', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  const [row] = await ask('load', '--backend', 'wasm');
  expect(row).toMatchObject({question: 'load', backend: 'wasm', model: 'tiny-llama', n: 5456});
  expect(row.ours.median).toBeGreaterThan(0);
  expect(row.ours.peakBytes).toBeGreaterThanOrEqual(0); // so small a model may fit into what was there
  expect(row.other).toBeUndefined();
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('--python'));
});

test('train: steps on wasm with replaced kernels, from the loss and by the gradients that the stock kernels give', async () => {
  const [row] = await ask('train', '--backend', 'wasm', '--tokens', '20', '--recompute');
  expect(row).toMatchObject({question: 'train', density: 1e-3, tokens: 20, recompute: true, stateBytes: 16 * 5456});
  const {median, optimizer, loss} = row.ours;
  expect(optimizer?.median).toBeLessThan(median);

  await tf.setBackend('wasm');
  const stock = await step();
  const undo = register({replace: ['BatchMatMul', '_FusedMatMul', 'Identity']});
  const replaced = await step();
  undo();
  expect(loss).toBeCloseTo(stock.loss, 5);
  expect(replaced.loss).toBeCloseTo(stock.loss, 5);
  expect(replaced.gradients.keys()).toEqual(stock.gradients.keys());
  for (const [name, gradient] of stock.gradients) {
    const most = Math.max(...gradient.map(Math.abs));
    const own = replaced.gradients.get(name);
    expect(Math.max(...gradient.map((value, i) => Math.abs(value - Number(own?.[i]))))).toBeLessThan(1e-5 * most);
  }
});

/** The loss of the benchmark's tokens, and its gradients. */
async function step() {
  const {numTensors} = tf.memory();
  const loaded = await loadModel(model);
  const ids = tokenIds(21, loaded.config.vocabularySize);
  const batch = {inputs: [ids.slice(0, -1)], targets: [ids.slice(1)], weights: [ids.slice(1).map(() => 1)]};
  const {value, grads} = tf.variableGrads(() => loaded.loss(batch));
  const [loss] = value.dataSync();
  const gradients = new Map(Object.entries(grads).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
  tf.dispose([value, grads]);
  loaded.dispose();
  expect(tf.memory().numTensors).toBe(numTensors);
  return {loss, gradients};
}

test.each([
  [['train', '--backend', 'wasm'], 'train needs --model'],
  [
    ['load', '--model', 'x', '--backend', 'webgpu'],
    "--backend is 'webgpu'; expected cpu or wasm or tensorflow for load",
  ],
  [['step', '--model', 'x'], '--model is for load and train alone'],
  [['train', '--model', 'x', '--density', '0.1', '--density', '0.2'], 'train takes --density once'],
  [['train', '--model', 'x', '--tokens', '0'], "--tokens is '0'; expected a positive integer"],
])('refuses %j', async (args, message) => {
  const {bench}: typeof import('./bench.js') = await import(built);
  await expect(bench(args, ['cpu', 'wasm', 'webgpu'])).rejects.toThrow(message);
});
