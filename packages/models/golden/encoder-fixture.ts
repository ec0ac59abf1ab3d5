import {asFloat32, readSafetensors} from '@subset-tuning/safetensors';
import {type ReadFile, readFolder} from '../src/read-folder.js';
import {largest} from './compare.js';
import {goldenUrl} from './load-family.js';

// The encoders of `make-encoders.py`, with one head or several as the files of a sharded checkpoint.

/** What `make-encoders.py` has written of an encoder. */
export interface EncoderGolden {
  inputs: number[][];
  tokenTypes: number[][];
  coefficients: number[][];
  labels: {single: number[]; multi: number[][]; regression: number[][]};
  choice: number[];
  starts: number[];
  ends: number[];
  targets: number[][];
  weights: number[][];
  losses: Record<string, number>;
}

export const encoders = ['bert', 'distilbert'];

/** Reads a file beside this one, by its path. */
const readFile = (path: string) => readFolder(goldenUrl('.'))(path, 2 ** 20);

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await readFile(path)));
}

export function readGolden(name: string): Promise<EncoderGolden> {
  return readJson<EncoderGolden>(`encoders/${name}/golden.json`);
}

export async function readTensors(path: string): Promise<Map<string, Float32Array>> {
  const {tensors} = readSafetensors(await readFile(path));
  return new Map(Array.from(tensors, ([key, tensor]) => [key, asFloat32(tensor)]));
}

const encode = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));

/**
 * Reads a checkpoint of an encoder.
 *
 * @param heads The files of `make-encoders.py` that it has besides the encoder itself.
 * @param config What its config.json says otherwise.
 */
export async function readEncoder(name: string, heads: string[], config: object = {}): Promise<ReadFile> {
  const folder = (file: string) => `encoders/${name}/${file}`;
  const own = await readJson<object>(folder('config.json'));
  const weightMap: Record<string, string> = {};
  for (const file of ['backbone', ...heads].map((head) => `${head}.safetensors`)) {
    const {tensors} = readSafetensors(await readFile(folder(file)));
    for (const key of tensors.keys()) weightMap[key] = file;
  }
  return async (file) => {
    if (file === 'config.json') return encode({...own, ...config});
    if (file === 'model.safetensors.index.json') return encode({weight_map: weightMap});
    if (file === 'tokenizer.json') return readFile('encoders/tokenizer.json');
    if (/^(backbone|pooler|classification|choice|span|masked)\.safetensors$/.test(file)) return readFile(folder(file));
    throw Object.assign(new Error(`there is no ${file}`), {code: 'ENOENT'});
  };
}

/**
 * How far values are from the expected ones, as a share of the largest of those. Where all of those are 0 but for rounding,
 * as the gradient by what moves no softmax is, 10⁻⁶ is as far as a share of 10⁻⁴.
 */
export function errorOf(values: Float32Array, expected: Float32Array | undefined): number {
  if (values.length !== expected?.length) throw new Error(`${values.length} values, expected ${expected?.length}`);
  const most = largest(expected);
  const error = largest(values.map((value, i) => value - expected[i]));
  return error / (most > 1e-6 ? most : 1e-2);
}
