import {check, show, text} from '@subset-tuning/checks';
import {type ByteSource, toByteSource} from '@subset-tuning/safetensors';
import {Cursor, MoreNeeded} from './cursor.js';
import {dtypeOf} from './dtype.js';
import {LEAST_ENTRY, LONGEST_NAME, type MetadataValue, readMetadata} from './metadata.js';
import {byteLength, type StoredTensor, type TensorInfo} from './stored-tensor.js';

/** What a GGUF file holds. */
export interface Gguf {
  /** The format's version, 2 or 3. */
  version: number;
  metadata: ReadonlyMap<string, MetadataValue>;
  /** The tensors in the order in which they lie in the file. */
  tensors: ReadonlyMap<string, TensorInfo>;
  /** Reads a tensor's bytes, and nothing else of the file. */
  read(tensor: string): Promise<StoredTensor>;
  /** Where a tensor's bytes lie in the file: from `begin` to `end`, without `end`. */
  range(tensor: string): readonly [begin: number, end: number];
}

/** The largest header that is read, in bytes. That of a vocabulary of 260,000 tokens has about 15 million. */
const MAX_HEADER_BYTES = 2 ** 26;
/** How much of a file is read at first. */
const FIRST_BYTES = 2 ** 20;
/** What tensors are aligned to where the file does not say. */
const DEFAULT_ALIGNMENT = 32;
/** ggml's bound. */
const MOST_DIMENSIONS = 4;
/** Bytes of a tensor's entry with an empty name and no sizes. */
const LEAST_TENSOR = 8 + 4 + 4 + 8;

interface Header {
  version: number;
  metadata: Map<string, MetadataValue>;
  tensors: Map<string, TensorInfo & {begin: number; end: number}>;
}

/**
 * Reads the header of a GGUF file that may come from anyone, version 2 or 3, little-endian. Everything that it says is
 * bounded before anything is allocated, and checked against the file's size before a tensor is handed out.
 *
 * @param source The whole file, or a source of its bytes, of which only the header is read, and each tensor at its time.
 * @param name What errors call the file.
 * @throws where the file is not what the format says: another version; counts, lengths, types or sizes that cannot be;
 * text that is no UTF-8; a key or a tensor that is there twice; an alignment that is no power of two; a tensor that does
 * not begin where the one before it ended, or that ends outside of the file. And where a tensor is of a type that
 * {@link asFloat32} does not know, or the header has more than 64 MiB.
 *
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. As in llama.cpp, tensors lie without a hole or an
 * overlap, in the order of their entries, and have at most four sizes.
 *
 * @example
 * ```ts
 * import {readGguf} from '@subset-tuning/gguf';
 * // Four letters, the version, how many tensors, how many keys.
 * const file = new Uint8Array(24);
 * file.set([...'GGUF\x03'].map((letter) => letter.charCodeAt(0)));
 * const {version, tensors} = await readGguf(file); // 3, a Map of none
 * ```
 */
export async function readGguf(source: Uint8Array | ByteSource, name = 'GGUF file'): Promise<Gguf> {
  check('readGguf: name', name, text);
  const {size, read} = toByteSource(name, source);
  const {version, metadata, tensors} = await readHeader(name, size, read);
  const find = (key: string) => {
    const found = tensors.get(key);
    if (!found) throw new Error(`${name} has no tensor ${show(key)}, expected one of its ${tensors.size}`);
    return found;
  };
  return {
    version,
    metadata,
    tensors: new Map(Array.from(tensors, ([key, {dtype, shape}]) => [key, {dtype, shape}])),
    read: async (key) => {
      const {dtype, shape, begin, end} = find(key);
      return {dtype, shape, data: await read(begin, end)};
    },
    range: (key) => {
      const {begin, end} = find(key);
      return [begin, end];
    },
  };
}

async function readHeader(name: string, size: number, read: ByteSource['read']): Promise<Header> {
  const most = Math.min(size, MAX_HEADER_BYTES);
  let bytes = await read(0, Math.min(most, FIRST_BYTES));
  for (;;) {
    try {
      return parseHeader(name, size, new Cursor(bytes, most, name));
    } catch (error) {
      if (!(error instanceof MoreNeeded)) throw error;
      // Twice as much each time, so that all parsing together is at most twice as long as the last.
      const end = Math.min(most, Math.max(error.end, 2 * bytes.length));
      const longer = new Uint8Array(end);
      longer.set(bytes);
      longer.set(await read(bytes.length, end), bytes.length);
      bytes = longer;
    }
  }
}

function parseHeader(name: string, size: number, cursor: Cursor): Header {
  const magic = cursor.u32('the magic number');
  if (magic !== 0x46554747) throw new Error(`${name} begins with 0x${magic.toString(16)}, expected "GGUF"`);
  const version = cursor.u32('the version');
  if (version !== 2 && version !== 3) {
    const found = version % 2 ** 16 === 0 ? `${version / 2 ** 24} in big-endian order` : String(version);
    throw new Error(`${name}: the version is ${found}, expected 2 or 3, little-endian`);
  }
  const tensorCount = cursor.count('the number of tensors', LEAST_TENSOR);
  const entryCount = cursor.count('the number of metadata', LEAST_ENTRY);
  const metadata = readMetadata(name, cursor, entryCount);
  const alignment = alignmentOf(name, metadata);
  const found = new Map<string, TensorInfo & {offset: bigint}>();
  for (let i = 0; i < tensorCount; i++) {
    const key = cursor.text(`the name of tensor ${i}`, LONGEST_NAME);
    if (found.has(key)) throw new Error(`${name}: tensor ${show(key)} is there twice, expected once`);
    found.set(key, readTensor(name, `tensor ${show(key)}`, cursor));
  }
  return {version, metadata, tensors: placeTensors(name, size, pad(cursor.at, alignment), alignment, found)};
}

function alignmentOf(name: string, metadata: Map<string, MetadataValue>): number {
  const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  if (typeof alignment === 'number' && alignment >= 1 && Number.isInteger(Math.log2(alignment))) return alignment;
  throw new Error(`${name}: general.alignment is ${show(alignment)}, expected a power of two`);
}

function readTensor(name: string, what: string, cursor: Cursor): TensorInfo & {offset: bigint} {
  const dimensions = cursor.u32(what);
  if (dimensions > MOST_DIMENSIONS) {
    throw new Error(`${name}: ${what} has ${dimensions} sizes, expected at most ${MOST_DIMENSIONS}`);
  }
  const shape: number[] = [];
  for (let i = 0; i < dimensions; i++) {
    const size = cursor.u64(what);
    if (size > Number.MAX_SAFE_INTEGER) throw new Error(`${name}: ${what} has the size ${size}, expected below 2⁵³`);
    shape.unshift(Number(size));
  }
  return {shape, dtype: dtypeOf(`${name}: ${what}`, cursor.u32(what)), offset: cursor.u64(what)};
}

/** Where tensors lie in the file: each begins where the one before it ended, aligned. */
function placeTensors(
  name: string,
  size: number,
  start: number,
  alignment: number,
  found: Map<string, TensorInfo & {offset: bigint}>,
): Header['tensors'] {
  const tensors: Header['tensors'] = new Map();
  let expected = 0;
  for (const [key, {dtype, shape, offset}] of found) {
    const what = `${name}: tensor ${show(key)}`;
    if (offset !== BigInt(expected)) {
      throw new Error(`${what} has the offset ${offset}, expected ${expected}: no hole, no overlap`);
    }
    const begin = start + expected;
    const end = begin + byteLength(what, {dtype, shape});
    if (end > size) throw new Error(`${what} ends at byte ${end}, expected at most ${size}`);
    tensors.set(key, {dtype, shape, begin, end});
    expected = pad(end - start, alignment);
  }
  return tensors;
}

/** The next multiple. */
function pad(length: number, alignment: number): number {
  return Math.ceil(length / alignment) * alignment;
}
