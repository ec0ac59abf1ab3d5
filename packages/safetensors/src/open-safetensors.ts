import {check, show, text} from '@subset-tuning/checks';
import {type ByteSource, toByteSource} from './byte-source.js';
import {headerEnd, LENGTH_BYTES, readHeader} from './read-header.js';
import type {StoredTensor, TensorInfo} from './stored-tensor.js';

/** A safetensors file of which the header alone is in memory. */
export interface OpenSafetensors {
  /** The tensors in the order in which they lie in the file. */
  tensors: ReadonlyMap<string, TensorInfo>;
  /** The free text of `__metadata__`. */
  metadata: ReadonlyMap<string, string>;
  /** Reads a tensor's bytes, and nothing else of the file. */
  read(tensor: string): Promise<StoredTensor>;
  /** Where a tensor's bytes lie in the file: from `begin` to `end`, without `end`. */
  range(tensor: string): readonly [begin: number, end: number];
}

/**
 * Reads the header of a safetensors file, checked as {@link readSafetensors} does, and each tensor at its time: so that a
 * model need not be in memory twice.
 *
 * @param source The whole file, or a source of its bytes.
 * @param name What errors call the file.
 * @throws as {@link readSafetensors}; and where the source is none, or gives other than what it was asked for.
 *
 * @example
 * ```ts
 * import {openSafetensors, writeSafetensors} from '@subset-tuning/safetensors';
 * const data = new Uint8Array(Float32Array.of(1, 2, 3).buffer);
 * const written = writeSafetensors({tensors: new Map([['w', {dtype: 'F32', shape: [3], data}]])});
 * const file = new Blob([new Uint8Array(written)]);
 * const {size} = file;
 * const read = async (begin: number, end: number) => new Uint8Array(await file.slice(begin, end).arrayBuffer());
 * const opened = await openSafetensors({size, read});
 * (await opened.read('w')).data.length; // 12
 * ```
 */
export async function openSafetensors(
  source: Uint8Array | ByteSource,
  name = 'safetensors file',
): Promise<OpenSafetensors> {
  check('openSafetensors: name', name, text);
  const {size, read} = toByteSource(name, source);
  const end = headerEnd(name, await read(0, Math.min(LENGTH_BYTES, size)), size);
  const {start, tensors, metadata} = readHeader(name, await read(0, end), size);
  const find = (key: string) => {
    const found = tensors.get(key);
    if (!found) throw new Error(`${name} has no tensor ${show(key)}, expected one of its ${tensors.size}`);
    return found;
  };
  return {
    tensors: new Map(Array.from(tensors, ([key, {dtype, shape}]) => [key, {dtype, shape}])),
    metadata,
    read: async (key) => {
      const {dtype, shape, begin, end} = find(key);
      return {dtype, shape, data: await read(start + begin, start + end)};
    },
    range: (key) => {
      const {begin, end} = find(key);
      return [start + begin, start + end];
    },
  };
}
