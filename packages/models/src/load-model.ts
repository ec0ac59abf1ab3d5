import {callable, check, checkOptions, type Kind, type Kinds, optional, text} from '@subset-tuning/checks';
import {asFloat32, toByteSource} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs-core';
import type {Checkpoint} from './architecture.js';
import {CausalModel} from './causal-model.js';
import {readChatTemplates} from './chat/read-chat-templates.js';
import {fileName} from './file-name.js';
import {findGguf} from './gguf/find-gguf.js';
import {readGgufModel} from './gguf/read-gguf-model.js';
import {inFileOrder} from './in-file-order.js';
import {parseJson} from './parse-json.js';
import {readArchitecture} from './read-architecture.js';
import {isMissing, type OpenFile, type ReadFile} from './read-folder.js';
import {readPlace} from './read-place.js';
import {readWeights} from './read-weights.js';
import {createTokenizer} from './tokenizer.js';
import type {Weight} from './weight.js';
import {withOpenFiles} from './with-open-files.js';

/** What {@link loadModel} can be told. */
export interface LoadOptions {
  /** The model's name. Default: the folder's, or the GGUF file's without its ending. */
  id?: string;
  /**
   * Put before the variables' names, with a slash. The engine wants every variable's name to be unique, so a second
   * copy of a model needs one. Default: none, a variable is called as in the checkpoint.
   */
  scope?: string;
  /** Reads the folder's files, or the GGUF file, where neither disk nor `fetch` is the way. */
  read?: ReadFile;
}

export const FOLDER: Kind = {
  expected: 'the path or the URL of a folder or a GGUF file',
  is: (value) => (text.is(value) && value !== '') || value instanceof URL,
};
export const LOAD_OPTIONS: Kinds<LoadOptions> = {id: optional(text), scope: optional(text), read: optional(callable)};

const MAX_CONFIG_BYTES = 2 ** 20;
const MAX_TOKENIZER_BYTES = 2 ** 26;
const CONFIG_ADVICE = 'expected a folder with config.json, tokenizer.json and model.safetensors';
const TOKENIZER_ADVICE =
  'AutoTokenizer.from_pretrained(…).save_pretrained(…) of transformers makes one of a tokenizer.model or a vocab.json';

/**
 * Loads a language model: from a folder with `config.json`, `tokenizer.json` and `model.safetensors`, or the parts
 * that `model.safetensors.index.json` names (float32, float16 or bfloat16); or from a GGUF file, whose weights are read
 * one at a time and dequantized. Weights are float32 here.
 *
 * Everything but the weights' elements is checked before the first variable is made; a failed load leaves nothing behind.
 *
 * @param folder A URL, or a path, of a folder or of a file that ends in `.gguf`. A folder on disk may also hold one such
 * file in place of the others. In Node, Deno and Bun a path is one on disk; in a page and in a worker it is an
 * address, relative to the page's base or to the worker's script, as for `fetch`. `owner/name` is a model's id on the
 * Hugging Face hub, unless there is such a folder on disk; `./owner/name` is always a folder.
 * @throws where a file is missing, too large or not what it should be; where the config describes another kind of
 * model; where the tokenizer has a part that is not known here; where a tensor is missing, unknown, or of another shape than the config says; where variables of these names
 * exist already.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs';
 * import {loadModel} from '@subset-tuning/models';
 * import {read} from '@subset-tuning/tiny-translator';
 *
 * const model = await loadModel('tiny-translator', {read});
 * console.log(await model.generate(['Where do you live?<de>']));
 * model.dispose();
 * ```
 */
export async function loadModel(folder: string | URL, options: LoadOptions = {}): Promise<CausalModel> {
  check('loadModel: folder', folder, FOLDER);
  checkOptions('loadModel', options, LOAD_OPTIONS);
  const {id = fileName(folder).replace(/\.gguf$/i, ''), scope, read} = options;
  const gguf = await findGguf(folder, read === undefined);
  if (gguf !== undefined) {
    const {weights, close, ...parts} = await readGgufModel(gguf, read);
    try {
      return new CausalModel({id, ...parts, weights: await makeVariables(weights, scope)});
    } finally {
      await close();
    }
  }
  return withOpenFiles(read ?? (await readPlace(folder)), async (read) => {
    const {weights, ...parts} = await readCheckpoint(read, readArchitecture);
    return new CausalModel({id, ...parts, weights: await makeVariables(weights, scope)});
  });
}

/**
 * What a folder holds, checked but for the weights' elements, which are read from the files that `read` opens.
 *
 * @param describe Reads the parsed `config.json`.
 */
export async function readCheckpoint<T extends Checkpoint>(read: ReadFile, describe: (config: unknown) => T) {
  const file = async (name: string, limit: number): Promise<Uint8Array> => {
    const bytes = await read(name, limit);
    if (bytes.length > limit) throw new Error(`${name} has ${bytes.length} bytes, expected at most ${limit}`);
    return bytes;
  };
  const open = async (name: string, limit: number): Promise<OpenFile> => {
    if (!read.open) return toByteSource(name, await file(name, limit));
    const source = await read.open(name, limit);
    if (source.size > limit) throw new Error(`${name} has ${source.size} bytes, expected at most ${limit}`);
    return source;
  };
  const json = async (name: string, limit: number, advice: string): Promise<unknown> => {
    const bytes = await file(name, limit).catch((cause: unknown) => {
      throw isMissing(cause) ? new Error(`${cause.message}; ${advice}`, {cause}) : cause;
    });
    return parseJson(name, bytes);
  };
  const architecture = describe(await json('config.json', MAX_CONFIG_BYTES, CONFIG_ADVICE));
  const tokenizerJson = await json('tokenizer.json', MAX_TOKENIZER_BYTES, TOKENIZER_ADVICE);
  const tokenizer = createTokenizer(tokenizerJson, architecture.config.vocabularySize);
  const tensors = await readWeights(file, open, architecture);
  const weights = new Map<string, Weight>();
  for (const [name, tensor] of tensors) {
    const {shape, place} = tensor;
    weights.set(name, {shape, place, read: async () => asFloat32(await tensor.read())});
  }
  const chatTemplates = await readChatTemplates(read);
  return {architecture, tokenizer, chatTemplates, weights};
}

/** Makes a variable of each weight, one after the other, so that no more than one lies in memory besides. */
export async function makeVariables(
  weights: ReadonlyMap<string, Weight>,
  scope?: string,
): Promise<Map<string, tf.Variable>> {
  const names = new Map(Array.from(weights.keys(), (name) => [name, scope ? `${scope}/${name}` : name]));
  for (const name of names.values()) {
    if (Object.hasOwn(tf.engine().registeredVariables, name)) {
      throw new Error(
        `a variable called ${name} exists already: dispose the model that has it, or give this one a scope`,
      );
    }
  }
  const variables = new Map<string, tf.Variable>();
  try {
    for (const [name, {shape, read}] of inFileOrder(weights)) {
      const value = tf.tensor(await read(), [...shape]);
      try {
        variables.set(name, tf.variable(value, true, names.get(name)));
      } finally {
        value.dispose();
      }
    }
  } catch (error) {
    for (const variable of variables.values()) variable.dispose();
    throw error;
  }
  // In the order of the model's weights again.
  return new Map(
    Array.from(weights.keys()).flatMap((name) => {
      const variable = variables.get(name);
      return variable ? [[name, variable] as const] : [];
    }),
  );
}
