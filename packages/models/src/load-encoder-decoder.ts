import {check, checkOptions} from '@subset-tuning/checks';
import {EncoderDecoderModel} from './encoder-decoder-model.js';
import {fileName} from './file-name.js';
import {FOLDER, LOAD_OPTIONS, type LoadOptions, makeVariables, readCheckpoint} from './load-model.js';
import {readEncoderDecoder} from './read-architecture.js';
import {readPlace} from './read-place.js';
import {withOpenFiles} from './with-open-files.js';

/**
 * Loads a language model of an encoder and a decoder, such as T5, from a folder with `config.json`, `tokenizer.json` and
 * `model.safetensors`, or the parts that `model.safetensors.index.json` names (float32, float16 or bfloat16). Weights are
 * float32 here.
 *
 * Everything but the weights' elements is checked before the first variable is made; a failed load leaves nothing behind.
 *
 * @param folder A URL or a path, as for `loadModel`.
 * @throws as `loadModel` does.
 *
 * @example
 * ```ts no-run
 * import '@tensorflow/tfjs';
 * import {loadEncoderDecoder} from '@subset-tuning/models';
 *
 * const model = await loadEncoderDecoder('path or URL of flan-t5-small');
 * console.log(await model.generate(['translate English to German: Where do you live?']));
 * model.dispose();
 * ```
 */
export async function loadEncoderDecoder(
  folder: string | URL,
  options: LoadOptions = {},
): Promise<EncoderDecoderModel> {
  check('loadEncoderDecoder: folder', folder, FOLDER);
  checkOptions('loadEncoderDecoder', options, LOAD_OPTIONS);
  const {id = fileName(folder), scope, read = await readPlace(folder)} = options;
  return withOpenFiles(read, async (read) => {
    const {weights, ...parts} = await readCheckpoint(read, readEncoderDecoder);
    return new EncoderDecoderModel({id, ...parts, weights: await makeVariables(weights, scope)});
  });
}
