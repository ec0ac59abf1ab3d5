import {describe, expect, it} from 'vitest';
import {readFile} from '../../../test/read-file.js';
import {loadModel, readFiles} from './index.js';

const NAMES = ['config.json', 'tokenizer.json', 'model.safetensors'];
const files = await Promise.all(
  NAMES.map(async (name) => {
    const bytes = await readFile(new URL(`../golden/tiny-llama/${name}`, import.meta.url));
    return new File([new Uint8Array(bytes)], name);
  }),
);
const inPage = typeof document !== 'undefined';

/** A file of a folder that was chosen as a whole: browsers let nobody make one. */
function inFolder(file: File, path: string): File {
  const copy = new File([file], file.name);
  return Object.defineProperty(copy, 'webkitRelativePath', {value: path});
}

describe('readFiles', () => {
  it('loads a model from an array of files', async () => {
    const model = await loadModel('tiny', {read: readFiles(files)});
    const same = await loadModel(new URL('../golden/tiny-llama', import.meta.url), {scope: 'same'});
    for (const [name, weight] of model.weights)
      expect(await weight.data()).toEqual(await same.weights.get(name)?.data());
    model.dispose();
    same.dispose();
  });

  it.runIf(inPage)('loads a model from the files of an input', async () => {
    const chosen = new DataTransfer();
    for (const file of files) chosen.items.add(file);
    const input = document.createElement('input');
    Object.assign(input, {type: 'file', multiple: true, files: chosen.files});
    if (!input.files) throw new Error('the input has no files');
    const model = await loadModel('tiny', {read: readFiles(input.files)});
    expect(model.weights.has('model.layers.1.mlp.up_proj.weight')).toBe(true);
    model.dispose();
  });

  it('takes names from below the folder that was chosen', async () => {
    const read = readFiles(files.map((file) => inFolder(file, `tiny-llama/deep/${file.name}`)));
    expect(await read('deep/config.json', 2 ** 20)).toEqual(new Uint8Array(await files[0].arrayBuffer()));
    await expect(read('config.json', 2 ** 20)).rejects.toThrow(
      'there is no config.json among the files, which are ["deep/config.json"',
    );
  });

  it('says what is missing, too large, twice there, or no file', async () => {
    const read = readFiles(files);
    await expect(read('other', 1)).rejects.toMatchObject({code: 'ENOENT'});
    await expect(read('config.json', 10)).rejects.toThrow(/config\.json has \d+ bytes, expected at most 10/);
    expect(() => readFiles([...files, files[0]])).toThrow('two files are called "config.json"');
    for (const wrong of [null, [], ['config.json'], files[0]]) {
      expect(() => readFiles(wrong as unknown as File[])).toThrow(
        'expected the files of a model: input.files, or an array of File',
      );
    }
  });
});
