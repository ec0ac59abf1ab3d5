import {bytes as bytesKind, check, show, text} from '@subset-tuning/checks';
import {checkHeaderText} from './check-header-text.js';
import {byteLength, isCount, MAX_HEADER_BYTES, type Safetensors, type StoredTensor} from './stored-tensor.js';

/**
 * Reads a safetensors file that may come from anyone. Everything that the header says is checked against the bytes
 * before a tensor is handed out; nothing is copied.
 *
 * @param bytes The whole file. The tensors' `data` are views into it.
 * @param name What errors call the file.
 * @returns The tensors in the order in which they lie in the file, and the metadata.
 * @throws where the file is not exactly what the format says: a header that is too long, cut off, no UTF-8, no JSON
 * object, has a key twice, text that is no Unicode or counts not written in digits; an unknown dtype; a shape that is none or does not match its bytes; offsets outside the
 * file, or that leave a hole or overlap.
 *
 * Format: https://huggingface.co/docs/safetensors. What is accepted and refused is what the reference implementation
 * (safetensors 0.8, `tensor.rs`) accepts and refuses; duplicate keys are refused besides. A size above 2⁵³, which can
 * only stand beside a 0, is the nearest double.
 *
 * @example
 * ```ts
 * import {readSafetensors, writeSafetensors} from '@subset-tuning/safetensors';
 * const data = new Uint8Array(Float32Array.of(1, 2, 3).buffer);
 * const file = writeSafetensors({tensors: new Map([['w', {dtype: 'F32', shape: [3], data}]])});
 * readSafetensors(file).tensors.get('w')?.shape; // [3]
 * ```
 */
export function readSafetensors(bytes: Uint8Array, name = 'safetensors file'): Safetensors {
  check('readSafetensors: name', name, text);
  check(`${name}: the content`, bytes, bytesKind);
  const {header, body} = split(bytes, name);
  const metadata = new Map<string, string>();
  const entries: {key: string; begin: number; end: number; tensor: Omit<StoredTensor, 'data'>}[] = [];
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
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const tensors = new Map<string, StoredTensor>();
  let offset = 0;
  for (const {key, begin, end, tensor} of entries) {
    const what = `${name}: tensor ${show(key)}`;
    if (begin !== offset) throw new Error(`${what} begins at byte ${begin}, expected ${offset}: no hole, no overlap`);
    if (end > body.length) throw new Error(`${what} ends at byte ${end}, expected at most ${body.length}`);
    tensors.set(key, {...tensor, data: body.subarray(begin, end)});
    offset = end;
  }
  if (offset !== body.length) throw new Error(`${name}: ${body.length} bytes of data, expected ${offset}`);
  return {tensors, metadata};
}

/** Takes the header off: eight bytes of length, then JSON. */
function split(bytes: Uint8Array, name: string): {header: object; body: Uint8Array} {
  if (bytes.length < 8) throw new Error(`${name}: ${bytes.length} bytes, expected at least 8`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  const most = Math.min(MAX_HEADER_BYTES, bytes.length - 8);
  if (length > most) throw new Error(`${name}: a header of ${length} bytes, expected at most ${most}`);
  const end = 8 + Number(length);
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes.subarray(8, end));
    header = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${name}: the header is not JSON in UTF-8`, {cause});
  }
  const object = asObject(header, `${name}: the header`);
  checkHeaderText(name, text);
  return {header: object, body: bytes.subarray(end)};
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
  return {key, begin, end, tensor: {dtype, shape} as Omit<StoredTensor, 'data'>};
}

function asObject(value: unknown, what: string): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new Error(`${what} is ${show(value)}, expected an object`);
}
