import {isObject} from '@subset-tuning/checks';
import type {ConfigReader} from '../config-reader.js';
import type {Frequencies} from '../ops/rotary.js';

type Fail = (expected: string) => never;

/**
 * A `rope_type` that no checkpoint has: what a GGUF file has in place of `llama3`, and divides the frequencies by. As no
 * JSON is one of these, no `config.json` can ask for it.
 */
export class RotaryFactors {
  readonly factors: readonly number[];

  constructor(factors: readonly number[]) {
    this.factors = factors;
  }
}

/**
 * The rotary embedding of a config: transformers 5 keeps all of it in `rope_parameters`, transformers 4 the base in
 * `rope_theta` and the rest in a `rope_scaling` that may be null.
 */
export function readRotary(config: ConfigReader, headSize: number, defaultTheta = 10_000): Frequencies {
  if (headSize % 2 !== 0) config.fail('head_dim', headSize, 'an even number');
  const parameters = config.get('rope_parameters');
  const scaling = config.get('rope_scaling');
  const inside = isObject(parameters) ? parameters.rope_theta : undefined;
  const theta = inside ?? config.get('rope_theta') ?? defaultTheta;
  const read = (key: string, value: unknown) => rotaryOf(config, key, value ?? {}, headSize, theta);
  const rotary = read('rope_parameters', parameters);
  if (scaling === undefined) return rotary;
  const scaled = read('rope_scaling', scaling);
  if (parameters !== undefined && scaled.join() !== rotary.join()) {
    config.fail('rope_scaling', scaling, 'the same as rope_parameters');
  }
  return scaled;
}

/**
 * The frequencies that an object such as `rope_parameters` describes.
 *
 * @param key What errors call it.
 */
export function rotaryOf(
  config: ConfigReader,
  key: string,
  parameters: unknown,
  headSize: number,
  defaultTheta: unknown,
): Frequencies {
  const fail: Fail = (expected) => config.fail(key, parameters, expected);
  if (!isObject(parameters)) return fail('an object');
  const {rope_theta, rope_type, type, partial_rotary_factor, ...scaling} = parameters;
  if ((partial_rotary_factor ?? 1) !== 1) fail('a rotary embedding of all of each head');
  const theta = config.checkPositive('rope_theta', rope_theta ?? defaultTheta);
  const half = headSize / 2;
  const frequencies = Array.from({length: half}, (_, i) => theta ** (-i / half));
  return scale(frequencies, rope_type ?? type ?? 'default', scaling, fail);
}

function scale(frequencies: number[], type: unknown, scaling: Record<string, unknown>, fail: Fail): number[] {
  const read = new Set<string>();
  const number = (key: string): number => {
    read.add(key);
    const value = scaling[key];
    return typeof value === 'number' && value > 0 && value < Infinity ? value : fail(`${key} to be a number above 0`);
  };
  const finish = (result: number[]): number[] => {
    const others = Object.keys(scaling).filter((key) => !read.has(key) && scaling[key] !== null);
    // `default` scales by nothing, which some say.
    const unread = others.filter((key) => !(key === 'factor' && scaling.factor === 1));
    return unread.length === 0 ? result : fail('a default, linear or llama3 rotary embedding and nothing besides');
  };
  if (type === 'default') return finish(frequencies);
  if (type === 'linear') {
    const factor = number('factor');
    return finish(frequencies.map((frequency) => frequency / factor));
  }
  if (type === 'llama3') {
    const [factor, low, high] = ['factor', 'low_freq_factor', 'high_freq_factor'].map(number);
    const trained = number('original_max_position_embeddings');
    if (!(high > low)) fail('high_freq_factor above low_freq_factor');
    // Pairs that turn often within the length of training stay, those that turn seldom slow down, between them blended.
    return finish(
      frequencies.map((frequency) => {
        const turns = (trained * frequency) / (2 * Math.PI);
        const share = Math.min(1, Math.max(0, (turns - low) / (high - low)));
        return frequency * (share + (1 - share) / factor);
      }),
    );
  }
  if (type instanceof RotaryFactors) {
    const {factors} = type;
    if (factors.length !== frequencies.length || !factors.every((factor) => factor > 0)) {
      return fail(`${frequencies.length} factors above 0`);
    }
    return finish(frequencies.map((frequency, i) => frequency / factors[i]));
  }
  return fail('a default, linear or llama3 rotary embedding');
}
