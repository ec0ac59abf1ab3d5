/**
 * Reads a file of the translator's checkpoint, for `loadModel` of `@subset-tuning/models`. The files come with this
 * module, so that it works wherever the module does: in Node, in a page, in a worker, bundled or not.
 *
 * @param file `config.json`, `tokenizer.json` or `model.safetensors`.
 * @returns its bytes, a copy of the caller's own.
 * @throws where there is no such file, with the `code` `'ENOENT'`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import {loadModel} from '@subset-tuning/models';
 * import {read} from '@subset-tuning/tiny-translator';
 *
 * const model = await loadModel('tiny-translator', {read});
 * console.log(await model.generate(['Where do you live?<de>'])); // ['Wo wohnst du?']
 * model.dispose();
 * ```
 */
export async function read(file: string): Promise<Uint8Array> {
  // Loaded when it is needed: eight megabytes that a bundler can put in a file of their own.
  const {files} = await import('./generated/files.js');
  if (!Object.hasOwn(files, file)) {
    const message = `tiny-translator has no file ${file}, expected one of ${Object.keys(files).join(', ')}`;
    throw Object.assign(new Error(message), {code: 'ENOENT'});
  }
  const text = atob(files[file]);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
