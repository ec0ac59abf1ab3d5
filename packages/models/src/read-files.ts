import {check, type Kind, show} from '@subset-tuning/checks';
import {missing, type OpenFile, type ReadFile} from './read-folder.js';

const FILES: Kind = {
  expected: 'the files of a model: input.files, or an array of File',
  is: (value) => isList(value) && value.length > 0 && Array.from(value).every((file) => file instanceof File),
};

/**
 * Reads from files that somebody has chosen in a page, by `<input type="file" multiple>`, by one with `webkitdirectory`
 * (then names are relative to the folder), or by dropping them. A file is read when it is asked for.
 *
 * @param files `input.files`, `event.dataTransfer.files`, or an array of `File`.
 * @throws where two files have the same name; what it gives, where a file is missing or has more bytes than the limit.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import {loadModel, readFiles} from '@subset-tuning/models';
 * import {read} from '@subset-tuning/tiny-translator';
 *
 * const names = ['config.json', 'tokenizer.json', 'model.safetensors']; // in a page: const files = input.files
 * const files = await Promise.all(names.map(async (name) => new File([new Uint8Array(await read(name))], name)));
 * const model = await loadModel('tiny-translator', {read: readFiles(files)});
 * model.dispose();
 * ```
 */
export function readFiles(files: ArrayLike<File>): ReadFile {
  check('readFiles: files', files, FILES);
  const byName = new Map<string, File>();
  for (const file of Array.from(files)) {
    // Not in Node: the path below the folder that was chosen, which is its first part.
    const name = file.webkitRelativePath?.replace(/^[^/]*\//, '') || file.name;
    if (byName.has(name))
      throw new Error(`readFiles: two files are called ${show(name)}, expected those of one folder`);
    byName.set(name, file);
  }
  const find = (name: string, limit: number) => {
    const file = byName.get(name);
    if (!file) throw missing(`there is no ${name} among the files, which are ${show(Array.from(byName.keys()))}`);
    if (file.size > limit) throw new Error(`${name} has ${file.size} bytes, expected at most ${limit}`);
    return file;
  };
  const part = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());
  const read = async (name: string, limit: number) => part(find(name, limit));
  const open = async (name: string, limit: number): Promise<OpenFile> => {
    const file = find(name, limit);
    return {size: file.size, read: (begin, end) => part(file.slice(begin, end))};
  };
  return Object.assign(read, {open});
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return typeof value === 'object' && value !== null && 'length' in value && typeof value.length === 'number';
}
