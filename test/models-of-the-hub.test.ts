import {mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {hub} from '@subset-tuning/hub';
import {loadModel} from '@subset-tuning/models';
import {readSafetensors, writeSafetensors} from '@subset-tuning/safetensors';
import '@tensorflow/tfjs';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {startHubServer} from './hub-server.js';

const fileOf = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../packages/models/golden/tiny-llama/${name}`, import.meta.url)));
const [config, tokenizer, weights] = ['config.json', 'tokenizer.json', 'model.safetensors'].map(fileOf);
const texts = {'config.json': config, 'tokenizer.json': tokenizer};

/** The same weights in two files and their index. */
function shards(): Record<string, Uint8Array> {
  const tensors = [...readSafetensors(weights).tensors];
  const parts = {'model-1.safetensors': tensors.slice(0, 5), 'model-2.safetensors': tensors.slice(5)};
  const places = Object.entries(parts).flatMap(([file, some]) => some.map(([name]) => [name, file]));
  const index = new TextEncoder().encode(JSON.stringify({weight_map: Object.fromEntries(places)}));
  const files = Object.entries(parts).map(([file, some]) => [file, writeSafetensors({tensors: new Map(some)})]);
  return {...Object.fromEntries(files), 'model.safetensors.index.json': index};
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-'));
});
afterEach(() => rmSync(folder, {recursive: true}));

test('a model of the hub loads, in one file or in several, through cuts, and then offline', async () => {
  const server = await startHubServer(
    {id: 'some/whole', files: {...texts, 'model.safetensors': weights}},
    {id: 'some/parts', files: {...texts, ...shards()}},
    {id: 'some/pickle', files: {...texts, 'pytorch_model.bin': weights}},
  );
  const options = {endpoint: server.endpoint, cache: folder, wait: async () => {}};
  const expected = readSafetensors(weights).tensors;
  try {
    for (const id of ['some/whole', 'some/parts']) {
      server.plan(/storage/, {cutAfter: 1000}, {cutAfter: 0});
      for (const offline of [false, true]) {
        const model = await loadModel(id, {read: hub(id, {...options, offline})});
        expect([...model.weights.keys()].sort()).toEqual([...expected.keys()].sort());
        expect(await model.generate(['a'], {maxTokens: 2})).toHaveLength(1);
        model.dispose();
      }
      expect(server.left).toBe(0);
    }
    await expect(loadModel('x', {read: hub('some/pickle', options)})).rejects.toThrow(
      /there is no such file in "main".*pytorch_model\.bin is a pickle/,
    );
    await expect(loadModel('x', {read: hub('some/none', options)})).rejects.toThrow(/some\/none: .*no such model/);
  } finally {
    await server.stop();
  }
});

test('a model is loaded by its id, unless there is a folder of that name', async () => {
  const server = await startHubServer({id: 'some/whole', files: {...texts, 'model.safetensors': weights}});
  vi.stubEnv('HF_ENDPOINT', server.endpoint);
  vi.stubEnv('HF_HUB_CACHE', join(folder, 'cache'));
  const before = process.cwd();
  try {
    const model = await loadModel('some/whole');
    expect(await model.generate(['a'], {maxTokens: 2})).toHaveLength(1);
    model.dispose();
    await expect(loadModel('some/none')).rejects.toThrow(
      /^there is no folder some\/none, and as a model on the hub: .*no such model/,
    );
    const asked = server.requests.length;
    await expect(loadModel('./some/whole')).rejects.toThrow('there is no ./some/whole/config.json');
    mkdirSync(join(folder, 'some/whole'), {recursive: true});
    process.chdir(folder);
    await expect(loadModel('some/whole')).rejects.toThrow('there is no some/whole/config.json');
    expect(server.requests.length).toBe(asked);
  } finally {
    process.chdir(before);
    vi.unstubAllEnvs();
    await server.stop();
  }
});
