import type {
  Architecture,
  Checkpoint,
  Encoder,
  EncoderDecoder,
  EncoderDecoderFamily,
  EncoderFamily,
  Family,
} from './architecture.js';
import {ConfigReader} from './config-reader.js';
import {bert} from './families/bert.js';
import {distilbert} from './families/distilbert.js';
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

/** The same of encoders alone. */
const ENCODERS: Readonly<Record<string, EncoderFamily>> = {bert, distilbert};

/** What loads which. */
const LOADERS: Readonly<Record<string, Families<Checkpoint>>> = {
  loadModel: FAMILIES,
  loadEncoderDecoder: ENCODER_DECODERS,
  loadEncoder: ENCODERS,
};

/** Parameters that a model may have: 8 GiB of float32. */
const MAX_PARAMETERS = 2 ** 31;

/**
 * What a `config.json` of a decoder-only model describes. Refuses, by name, every attribute that is not handled.
 *
 * @param json The parsed file, from anyone.
 * @param name What errors call it.
 */
export function readArchitecture(json: unknown, name = 'config.json'): Architecture {
  return read(json, name, FAMILIES);
}

/** The same of a model of an encoder and a decoder. */
export function readEncoderDecoder(json: unknown, name = 'config.json'): EncoderDecoder {
  return read(json, name, ENCODER_DECODERS);
}

/** The same of an encoder alone. */
export function readEncoder(json: unknown, name = 'config.json'): Encoder {
  return read(json, name, ENCODERS);
}

/** The same of whatever a head can be put on: an encoder alone, or a decoder-only model. */
export function readHeadless(json: unknown, name = 'config.json'): Encoder | Architecture {
  return read<Encoder | Architecture>(json, name, {...ENCODERS, ...FAMILIES});
}

type Families<T> = Readonly<Record<string, (config: ConfigReader) => T>>;

function read<T extends Checkpoint>(json: unknown, name: string, families: Families<T>): T {
  const reader = new ConfigReader(json, name);
  const type = reader.get('model_type');
  for (const [loader, others] of Object.entries(LOADERS)) {
    if (typeof type !== 'string' || Object.hasOwn(families, type) || !Object.hasOwn(others, type)) continue;
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
