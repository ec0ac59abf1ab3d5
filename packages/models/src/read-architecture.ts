import type {Architecture, Family} from './architecture.js';
import {ConfigReader} from './config-reader.js';
import {gemma3} from './families/gemma3.js';
import {gpt2} from './families/gpt2.js';
import {llama} from './families/llama.js';
import {qwen2} from './families/qwen2.js';
import {qwen3} from './families/qwen3.js';

/** The families by the `model_type` of their `config.json`. */
const FAMILIES: Readonly<Record<string, Family>> = {gemma3_text: gemma3, gpt2, llama, qwen2, qwen3};

/** Parameters that a model may have: 8 GiB of float32. */
const MAX_PARAMETERS = 2 ** 31;

/**
 * What a `config.json` describes. Refuses, by name, every attribute that is not handled.
 *
 * @param json The parsed file, from anyone.
 * @param name What errors call it.
 */
export function readArchitecture(json: unknown, name = 'config.json'): Architecture {
  const reader = new ConfigReader(json, name);
  const architecture = FAMILIES[reader.oneOf('model_type', Object.keys(FAMILIES))](reader);
  reader.finish();
  const parameters = parameterCount(architecture);
  if (parameters > MAX_PARAMETERS) {
    throw new Error(`${name} describes ${parameters} parameters, expected at most ${MAX_PARAMETERS}`);
  }
  return architecture;
}

/** How many parameters a model of this architecture has. */
export function parameterCount({shapes}: Architecture): number {
  let parameters = 0;
  for (const shape of shapes.values()) parameters += shape.reduce((product, size) => product * size, 1);
  return parameters;
}
