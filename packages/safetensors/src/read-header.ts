import {show} from '@subset-tuning/checks';
import {checkHeaderText} from './check-header-text.js';
import {byteLength, isCount, MAX_HEADER_BYTES, type TensorInfo} from './stored-tensor.js';

/** What a header says, and where its tensors lie after it. */
export interface Header {
  /** Where the data begin, in bytes from the file's beginning. */
  start: number;
  /** In the order in which they lie, each from where the one before it ended. */
  tensors: Map<string, TensorInfo & {begin: number; end: number}>;
  /** The free text of `__metadata__`. */
  metadata: Map<string, string>;
}

/** Bytes of the header's length, which come first. */
export const LENGTH_BYTES = 8;

/** Where a file's header ends, by its first {@link LENGTH_BYTES}. Throws where it is too long. */
export function headerEnd(name: string, bytes: Uint8Array, size: number): number {
  if (size < LENGTH_BYTES) throw new Error(`${name}: ${size} bytes, expected at least ${LENGTH_BYTES}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  const most = Math.min(MAX_HEADER_BYTES, size - LENGTH_BYTES);
  if (length > most) throw new Error(`${name}: a header of ${length} bytes, expected at most ${most}`);
  return LENGTH_BYTES + Number(length);
}

/**
 * Reads the header of a file of this size, and checks all that it says against that.
 *
 * @param bytes The file up to where its header ends.
 */
export function readHeader(name: string, bytes: Uint8Array, size: number): Header {
  const header = parse(name, bytes.subarray(LENGTH_BYTES));
  const metadata = new Map<string, string>();
  const entries: {key: string; tensor: TensorInfo & {begin: number; end: number}}[] = [];
  // Object.entries sees own keys alone, so a tensor called "__proto__" is a name like any other.
  for (const [key, value] of Object.entries(header)) {
    if (key === '__metadata__') {
      if (value === null) continue;
      for (const [field, text] of Object.entries(asObject(value, `${name}: __metadata__`))) {
        if (typeof text !== 'string') {
          throw new Error(`${name}: __metadata__ ${show(field)} is ${show(text)}, expected a string`);
        }
        metadata.set(field, text);
      }
    } else {
      entries.push(readEntry(key, value, `${name}: tensor ${show(key)}`));
    }
  }
  entries.sort(({tensor: a}, {tensor: b}) => a.begin - b.begin || a.end - b.end);
  const length = size - bytes.length;
  const tensors: Header['tensors'] = new Map();
  let offset = 0;
  for (const {key, tensor} of entries) {
    const {begin, end} = tensor;
    const what = `${name}: tensor ${show(key)}`;
    if (begin !== offset) throw new Error(`${what} begins at byte ${begin}, expected ${offset}: no hole, no overlap`);
    if (end > length) throw new Error(`${what} ends at byte ${end}, expected at most ${length}`);
    tensors.set(key, tensor);
    offset = end;
  }
  if (offset !== length) throw new Error(`${name}: ${length} bytes of data, expected ${offset}`);
  return {start: bytes.length, tensors, metadata};
}

function parse(name: string, bytes: Uint8Array): object {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${name}: the header is not JSON in UTF-8`, {cause});
  }
  const object = asObject(header, `${name}: the header`);
  checkHeaderText(name, text);
  return object;
}

function readEntry(key: string, value: unknown, what: string) {
  const {dtype, shape, data_offsets: offsets} = asObject(value, what) as Partial<Record<string, unknown>>;
  const expected = byteLength(what, dtype, shape);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0] > offsets[1]) {
    throw new Error(`${what}: data_offsets is ${show(offsets)}, expected [begin, end] in bytes`);
  }
  const [begin, end] = offsets as [number, number];
  if (end - begin !== expected) {
    throw new Error(
      `${what} has ${end - begin} bytes, expected ${expected} for shape ${show(shape)} of ${show(dtype)}`,
    );
  }
  // byteLength has checked both.
  return {key, tensor: {...({dtype, shape} as TensorInfo), begin, end}};
}

function asObject(value: unknown, what: string): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new Error(`${what} is ${show(value)}, expected an object`);
}
