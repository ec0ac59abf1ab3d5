import {callable, check, checkOptions, type Kind, type Kinds, optional, text} from '@subset-tuning/checks';
import {asFloat32, readSafetensors, type StoredTensor} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs-core';
import {CausalModel} from './causal-model.js';
import {type LlamaConfig, parameterCount, parseLlamaConfig, weightShapes} from './llama-config.js';
import {type ReadFile, readFolder} from './read-folder.js';
import {createTokenizer} from './tokenizer.js';

/** What {@link loadModel} can be told. */
export interface LoadOptions {
  /** The model's name. Default: the folder's. */
  id?: string;
  /**
   * Put before the variables' names, with a slash. The engine wants every variable's name to be unique, so a second
   * copy of a model needs one. Default: none, a variable is called as in the checkpoint.
   */
  scope?: string;
  /** Reads the folder's files, where neither disk nor `fetch` is the way. */
  read?: ReadFile;
}

const FOLDER: Kind = {
  expected: 'the path or the URL of a folder',
  is: (value) => (text.is(value) && value !== '') || value instanceof URL,
};
const LOAD_OPTIONS: Kinds<LoadOptions> = {id: optional(text), scope: optional(text), read: optional(callable)};

const MAX_CONFIG_BYTES = 2 ** 20;
const MAX_TOKENIZER_BYTES = 2 ** 26;

/**
 * Loads a Llama-style model from a folder with `config.json`, `tokenizer.json` and `model.safetensors` (float32,
 * float16 or bfloat16; weights are float32 here).
 *
 * Everything is checked before the first variable is made; a failed load leaves nothing behind.
 *
 * @param folder A URL, or a path. In Node, Deno and Bun a path is one on disk; in a page and in a worker it is an
 * address, relative to the page's base or to the worker's script, as for `fetch`.
 * @throws where a file is missing, too large or not what it should be; where the config describes another kind of
 * model; where a tensor is missing, unknown, or of another shape than the config says; where variables of these names
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
  const {id = nameOf(String(folder)), scope, read = readFolder(folder)} = options;
  const file = async (name: string, limit: number): Promise<Uint8Array> => {
    const bytes = await read(name, limit);
    if (bytes.length > limit) throw new Error(`${name} has ${bytes.length} bytes, expected at most ${limit}`);
    return bytes;
  };
  const config = parseLlamaConfig(parseJson('config.json', await file('config.json', MAX_CONFIG_BYTES)));
  const tokenizerJson = parseJson('tokenizer.json', await file('tokenizer.json', MAX_TOKENIZER_BYTES));
  const tokenizer = createTokenizer(tokenizerJson, config.vocabularySize);
  // Four bytes a parameter, and room for the header.
  const weightBytes = await file('model.safetensors', 4 * parameterCount(config) + MAX_CONFIG_BYTES);
  const tensors = checkTensors(readSafetensors(weightBytes, 'model.safetensors').tensors, config);
  return new CausalModel({id, config, tokenizer, weights: makeVariables(tensors, scope)});
}

function parseJson(name: string, bytes: Uint8Array): unknown {
  const decoder = new TextDecoder('utf-8', {fatal: true});
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new Error(`${name} is not JSON in UTF-8`, {cause});
  }
}

/** The tensors in the order of `weightShapes`, if they are exactly those. */
function checkTensors(tensors: Map<string, StoredTensor>, config: LlamaConfig): Map<string, StoredTensor> {
  const checked = new Map<string, StoredTensor>();
  for (const [name, shape] of weightShapes(config)) {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`model.safetensors has no tensor ${name}, expected one of shape [${shape}]`);
    if (tensor.shape.join() !== shape.join()) {
      throw new Error(`model.safetensors: ${name} has the shape [${tensor.shape}], expected [${shape}]`);
    }
    if (!['F32', 'F16', 'BF16'].includes(tensor.dtype)) {
      throw new Error(`model.safetensors: ${name} is ${tensor.dtype}, expected F32, F16 or BF16`);
    }
    checked.set(name, tensor);
  }
  for (const name of tensors.keys()) {
    if (!checked.has(name)) throw new Error(`model.safetensors: the tensor ${name} is no part of this model`);
  }
  return checked;
}

function makeVariables(tensors: Map<string, StoredTensor>, scope?: string): Map<string, tf.Variable> {
  const names = new Map(Array.from(tensors.keys(), (name) => [name, scope ? `${scope}/${name}` : name]));
  for (const name of names.values()) {
    if (Object.hasOwn(tf.engine().registeredVariables, name)) {
      throw new Error(
        `a variable called ${name} exists already: dispose the model that has it, or give this one a scope`,
      );
    }
  }
  const variables = new Map<string, tf.Variable>();
  try {
    for (const [name, tensor] of tensors) {
      const value = tf.tensor(asFloat32(tensor), [...tensor.shape]);
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
  return variables;
}

function nameOf(folder: string): string {
  return folder.split(/[?#]/)[0].split(/[/\\]/).filter(Boolean).at(-1) ?? folder;
}
