import {cut, isObject, show} from '@subset-tuning/checks';
import {openSafetensors, type StoredTensor, type TensorInfo} from '@subset-tuning/safetensors';
import type {Checkpoint} from './architecture.js';
import {parseJson} from './parse-json.js';
import {parameterCount} from './read-architecture.js';
import {isMissing, type OpenFile, type ReadFile} from './read-folder.js';
import type {Weight} from './weight.js';

/** A tensor that is read when it is asked for. */
export interface OpenTensor extends TensorInfo {
  read(): Promise<StoredTensor>;
  place: NonNullable<Weight['place']>;
}

type Tensors = Map<string, OpenTensor>;

/** Opens a file of at most so many bytes. */
type OpenSource = (file: string, limit: number) => Promise<OpenFile>;

/** An output layer of its own, in every family that can have one. */
const OUTPUT = 'lm_head.weight';
const WHOLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
/** Room for headers, and for buffers that are not read. */
const SPARE_BYTES = 2 ** 20;
const MAX_INDEX_BYTES = 2 ** 24;
const MAX_FILES = 1000;

/**
 * The tensors of a checkpoint in the order of the architecture's, if they are exactly those: from one file, or from the
 * several that an index names. Tensors' data are not read yet. What checkpoints have besides and nothing needs is left
 * out: an output layer equal to the embeddings, and the rotary frequencies.
 */
export async function readWeights(read: ReadFile, open: OpenSource, checkpoint: Checkpoint): Promise<Tensors> {
  const {config, copies = []} = checkpoint;
  // Four bytes a parameter, an output layer and other copies that may lie beside the embeddings, and heads of other tasks.
  const copied = (1 + copies.length) * config.vocabularySize * config.hiddenSize + 3 * config.hiddenSize ** 2;
  const most = 4 * (parameterCount(checkpoint) + copied) + SPARE_BYTES;
  let tensors: Tensors;
  try {
    tensors = await openTensors(await open(WHOLE, most), WHOLE);
  } catch (error) {
    if (!isMissing(error)) throw error;
    tensors = await readShards(read, open, most, error);
  }
  return checkTensors(await withoutSpare(withPrefix(tensors, checkpoint), checkpoint), checkpoint);
}

async function readShards(read: ReadFile, open: OpenSource, most: number, missing: Error): Promise<Tensors> {
  let index: Uint8Array;
  try {
    index = await read(INDEX, MAX_INDEX_BYTES);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const pickled = await firstOf(read, ['pytorch_model.bin', 'pytorch_model.bin.index.json', 'consolidated.00.pth']);
    const found = pickled ? `${pickled} is a pickle, which could run code and is not read` : `nor is there ${INDEX}`;
    throw new Error(`${missing.message}; ${found}; save_pretrained(…) of transformers writes safetensors`, {
      cause: missing,
    });
  }
  const places = placesOf(parseJson(INDEX, index));
  const tensors: Tensors = new Map();
  let left = most;
  for (const file of new Set(places.values())) {
    const source = await open(file, left + SPARE_BYTES);
    left -= source.size;
    for (const [name, tensor] of await openTensors(source, file)) {
      if (places.get(name) !== file) {
        throw new Error(`${file} has the tensor ${show(name)}, expected it in ${show(places.get(name))} by ${INDEX}`);
      }
      tensors.set(name, tensor);
    }
  }
  for (const [name, file] of places) {
    if (!tensors.has(name)) throw new Error(`${file} has no tensor ${show(name)}, expected it by ${INDEX}`);
  }
  return tensors;
}

async function openTensors(source: OpenFile, name: string): Promise<Tensors> {
  const file = await openSafetensors(source, name);
  return new Map(
    Array.from(file.tensors, ([key, info]) => [
      key,
      {...info, read: () => file.read(key), place: {file: source, range: file.range(key)}},
    ]),
  );
}

/** From tensor to file. */
function placesOf(index: unknown): Map<string, string> {
  const places = isObject(index) ? index.weight_map : undefined;
  if (!isObject(places)) throw new Error(`${INDEX}: weight_map is ${show(places)}, expected an object of file names`);
  const checked = new Map<string, string>();
  const files = new Set<string>();
  for (const [name, file] of Object.entries(places)) {
    if (typeof file !== 'string' || file.length > 200 || !/^\w[\w.-]*\.safetensors$/.test(file)) {
      throw new Error(`${INDEX}: weight_map: ${show(name)} is ${show(file)}, expected a file of this folder`);
    }
    checked.set(name, file);
    files.add(file);
    if (files.size > MAX_FILES) throw new Error(`${INDEX} names more than ${MAX_FILES} files, expected at most that`);
  }
  return checked;
}

/** The first of these files that there is. */
async function firstOf(read: ReadFile, files: string[]): Promise<string | undefined> {
  for (const file of files) {
    try {
      await read(file, 0);
      return file;
    } catch (error) {
      if (!isMissing(error)) return file; // larger than nothing
    }
  }
  return undefined;
}

/** Names as the whole model has them: a decoder saved alone leaves their beginning out. */
function withPrefix(read: Tensors, {prefix, embeddings, rename}: Checkpoint): Tensors {
  const tensors = rename ? new Map(Array.from(read, ([name, tensor]) => [rename(name), tensor])) : read;
  if (!tensors.has(embeddings.slice(prefix.length))) return tensors;
  return new Map(Array.from(tensors, ([name, tensor]) => [name === OUTPUT ? name : `${prefix}${name}`, tensor]));
}

/** Without what nothing needs: embeddings under other names, if they are the same, and buffers. */
async function withoutSpare(
  tensors: Tensors,
  {embeddings: name, copies = [], shapes, spare}: Checkpoint,
): Promise<Tensors> {
  const others = shapes.has(OUTPUT) ? copies : [...copies, OUTPUT];
  const found = [name, ...copies].find((each) => tensors.has(each));
  const embeddings = found === undefined ? undefined : tensors.get(found);
  for (const other of others) {
    const copy = tensors.get(other);
    if (copy && embeddings && !spare?.test(other) && !(await isSame(copy, embeddings))) {
      throw new Error(`${other} is another than ${found}, expected tied embeddings`);
    }
  }
  const isKept = (each: string) => shapes.has(each) || !(others.includes(each) || spare?.test(each));
  const kept = new Map(Array.from(tensors).filter(([each]) => isKept(each)));
  return embeddings ? kept.set(name, embeddings) : kept;
}

async function isSame(a: OpenTensor, b: OpenTensor): Promise<boolean> {
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) return false;
  const {data} = await a.read();
  const other = (await b.read()).data;
  return data.length === other.length && data.every((byte, i) => byte === other[i]);
}

function checkTensors(tensors: Tensors, {shapes, optional}: Checkpoint): Tensors {
  const checked: Tensors = new Map();
  for (const [name, shape] of shapes) {
    const tensor = tensors.get(name);
    if (!tensor && optional?.has(name)) continue;
    if (!tensor) throw new Error(`model.safetensors has no tensor ${name}, expected one of shape [${shape}]`);
    if (tensor.shape.join() !== shape.join()) {
      throw new Error(`model.safetensors: ${name} has the shape ${show(tensor.shape)}, expected [${shape}]`);
    }
    if (!['F32', 'F16', 'BF16'].includes(tensor.dtype)) {
      throw new Error(`model.safetensors: ${name} is ${tensor.dtype}, expected F32, F16 or BF16`);
    }
    checked.set(name, tensor);
  }
  for (const name of tensors.keys()) {
    if (!checked.has(name)) throw new Error(`model.safetensors: the tensor ${cut(name)} is no part of this model`);
  }
  return checked;
}
