import {check, checkOptions} from '@subset-tuning/checks';
import type {Encoder} from './architecture.js';
import {EncoderModel} from './encoder-model.js';
import {fileName} from './file-name.js';
import {FOLDER, LOAD_OPTIONS, type LoadOptions, makeVariables, readCheckpoint} from './load-model.js';
import {readEncoder} from './read-architecture.js';
import type {ReadFile} from './read-folder.js';
import {readPlace} from './read-place.js';
import {readPooling} from './read-pooling.js';
import {withOpenFiles} from './with-open-files.js';

/**
 * Loads an encoder, such as BERT, MiniLM or DistilBERT, from a folder with `config.json`, `tokenizer.json` and
 * `model.safetensors`, or the parts that `model.safetensors.index.json` names (float32, float16 or bfloat16). Weights are
 * float32 here. How texts get their embeddings is read from the `modules.json` of Sentence Transformers, where it lies
 * beside.
 *
 * Everything but the weights' elements is checked before the first variable is made; a failed load leaves nothing behind.
 *
 * @param folder A URL or a path, as for `loadModel`.
 * @throws as `loadModel` does.
 *
 * @example
 * ```ts no-run
 * import '@tensorflow/tfjs';
 * import {loadEncoder} from '@subset-tuning/models';
 *
 * const model = await loadEncoder('path or URL of all-MiniLM-L6-v2');
 * console.log(await model.embed(['Where do you live?']));
 * model.dispose();
 * ```
 */
export async function loadEncoder(folder: string | URL, options: LoadOptions = {}): Promise<EncoderModel> {
  check('loadEncoder: folder', folder, FOLDER);
  checkOptions('loadEncoder', options, LOAD_OPTIONS);
  const {id = fileName(folder), scope, read = await readPlace(folder)} = options;
  return withOpenFiles(read, (read) => readEncoderModel(read, id, scope));
}

async function readEncoderModel(read: ReadFile, id: string, scope?: string): Promise<EncoderModel> {
  const {pooling, maxTokens = Infinity} = await readPooling(read);
  const {architecture, tokenizer, weights} = await readCheckpoint(read, (config) => withPooler(readEncoder(config)));
  const {prefix, config} = architecture;
  const named = new Map(Array.from(weights, ([name, weight]) => [name.slice(prefix.length), weight]));
  return new EncoderModel({
    ...{id, architecture, tokenizer, pooling},
    maxTokens: Math.min(maxTokens, config.maxPositions),
    weights: await makeVariables(named, scope),
  });
}

/** With a pooler, if the checkpoint has it. */
function withPooler(encoder: Encoder): Encoder {
  const more = encoder.pooler?.shapes(0) ?? [];
  const names = more.map(([name]) => name);
  return {...encoder, shapes: new Map([...encoder.shapes, ...more]), optional: new Set(names)};
}
