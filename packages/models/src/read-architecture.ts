import type {Architecture, Checkpoint, EncoderDecoder, EncoderDecoderFamily, Family} from './architecture.js';
import {ConfigReader} from './config-reader.js';
import {gemma3} from './families/gemma3.js';
import {gpt2} from './families/gpt2.js';
import {llama} from './families/llama.js';
import {qwen2} from './families/qwen2.js';
import {qwen3} from './families/qwen3.js';
import {t5} from './families/t5.js';

/** The families by the `model_type` of their `config.json`. */
const FAMILIES: Readonly<Record<string, Family>> = {gemma3_text: gemma3, gpt2, llama, qwen2, qwen3};

/** The same of those with an encoder and a decoder. */
const ENCODER_DECODERS: Readonly<Record<string, EncoderDecoderFamily>> = {t5};

/** Parameters that a model may have: 8 GiB of float32. */
const MAX_PARAMETERS = 2 ** 31;

/**
 * What a `config.json` of a decoder-only model describes. Refuses, by name, every attribute that is not handled.
 *
 * @param json The parsed file, from anyone.
 * @param name What errors call it.
 */
export function readArchitecture(json: unknown, name = 'config.json'): Architecture {
  return read(json, name, FAMILIES, ENCODER_DECODERS, 'loadEncoderDecoder');
}

/** The same of a model of an encoder and a decoder. */
export function readEncoderDecoder(json: unknown, name = 'config.json'): EncoderDecoder {
  return read(json, name, ENCODER_DECODERS, FAMILIES, 'loadModel');
}

type Families<T> = Readonly<Record<string, (config: ConfigReader) => T>>;

/** @param loader What loads the other families. */
function read<T extends Checkpoint>(
  json: unknown,
  name: string,
  families: Families<T>,
  others: Families<unknown>,
  loader: string,
): T {
  const reader = new ConfigReader(json, name);
  const type = reader.get('model_type');
  if (typeof type === 'string' && Object.hasOwn(others, type)) {
    reader.fail('model_type', type, `one of ${Object.keys(families).join(', ')}; ${loader} loads this one`);
  }
  const described = families[reader.oneOf('model_type', Object.keys(families))](reader);
  reader.finish();
  const parameters = parameterCount(described);
  if (parameters > MAX_PARAMETERS) {
    throw new Error(`${name} describes ${parameters} parameters, expected at most ${MAX_PARAMETERS}`);
  }
  return described;
}

/** How many parameters a model of this architecture has. */
export function parameterCount({shapes}: Pick<Checkpoint, 'shapes'>): number {
  let parameters = 0;
  for (const shape of shapes.values()) parameters += shape.reduce((product, size) => product * size, 1);
  return parameters;
}
