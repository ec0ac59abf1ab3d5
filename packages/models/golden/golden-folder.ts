import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {asFloat32, readSafetensors, type StoredTensor, writeSafetensors} from '@subset-tuning/safetensors';
import type {CausalModel} from '../src/causal-model.js';
import type {ReadFile} from '../src/read-folder.js';

// The golden folder for tests, as it is and with changes.

export const folder = fileURLToPath(new URL('tiny-llama', import.meta.url));
export const files: ReadonlyMap<string, Uint8Array> = new Map(
  ['config.json', 'tokenizer.json', 'model.safetensors'].map((name) => [name, Uint8Array.from(readFileSync(`${folder}/${name}`))]),
);

/** Stands for arrays in arrays, which `JSON.stringify` could not write. */
export const BRACKETS = 'BRACKETS';

export const text = (value: unknown) =>
  new TextEncoder().encode(
    typeof value === 'string'
      ? value
      : JSON.stringify(value).replaceAll(`"${BRACKETS}"`, `${'['.repeat(6000)}${']'.repeat(6000)}`),
  );
export const json = (name: string) => JSON.parse(new TextDecoder().decode(files.get(name)));
export const config = (changes: object) => ({'config.json': text({...json('config.json'), ...changes})});

/** Reads the golden folder, with some of its files exchanged. */
export function folderWith(changes: Record<string, Uint8Array>): ReadFile {
  return async (name) => {
    const bytes = changes[name] ?? files.get(name);
    if (!bytes) throw Object.assign(new Error(`no file ${name}`), {code: 'ENOENT'});
    return bytes;
  };
}

/** A folder that has these files in place of one with all weights. */
export function folderOf(parts: Record<string, Uint8Array>): ReadFile {
  const read = folderWith(parts);
  return (name, limit) => read(name === 'model.safetensors' ? 'none' : name, limit);
}

function goldenTensors(): Map<string, StoredTensor> {
  return readSafetensors(files.get('model.safetensors') ?? new Uint8Array()).tensors;
}

export function weights(change: (tensors: Map<string, StoredTensor>) => void) {
  const tensors = goldenTensors();
  change(tensors);
  return {'model.safetensors': writeSafetensors({tensors})};
}

export function copyOf(tensors: ReadonlyMap<string, StoredTensor>, name: string): StoredTensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`no tensor ${name}`);
  return {...tensor, data: Uint8Array.from(tensor.data)};
}

/** The golden weights in files of a few tensors each, with the index that names them. */
export function shards(count = 3): Record<string, Uint8Array> {
  const tensors = goldenTensors();
  const places: Record<string, string> = {};
  const made: Record<string, Uint8Array> = {};
  for (let i = 0; i < count; i++) {
    const file = `model-0000${i + 1}-of-0000${count}.safetensors`;
    const part = new Map([...tensors].filter((_, at) => at % count === i));
    for (const name of part.keys()) places[name] = file;
    made[file] = writeSafetensors({tensors: part});
  }
  return {...made, 'model.safetensors.index.json': text({metadata: {total_size: 1}, weight_map: places})};
}

/** Whether a model's weights are the golden folder's, bit for bit. */
export function hasGoldenWeights({weights}: CausalModel): boolean {
  const tensors = goldenTensors();
  return (
    weights.size === tensors.size &&
    [...weights].every(([name, weight]) => {
      const values = weight.dataSync();
      const golden = asFloat32(copyOf(tensors, name));
      return values.length === golden.length && values.every((value, i) => Object.is(value, golden[i]));
    })
  );
}
