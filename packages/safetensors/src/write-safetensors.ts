import {check, checkOptions, type Kinds, map, optional, show, text} from '@subset-tuning/checks';
import {DTYPES} from './dtype.js';
import {checkTensor, MAX_HEADER_BYTES, type Safetensors} from './stored-tensor.js';

const CONTENT: Kinds<Safetensors> = {
  tensors: map('a Map of names to {dtype, shape, data}'),
  metadata: optional(map('a Map of strings to strings')),
};

/**
 * Writes a safetensors file. The same content gives the same bytes, whatever its order: tensors are laid out as the
 * reference implementation does, widest type first and then by name, which keeps all of them aligned.
 *
 * @throws where the content is not two such Maps, a tensor is called `__metadata__`, its dtype or shape is none, or its
 * data are not as long as they say, and where the header would be longer than readers accept (100 MB).
 *
 * @example
 * ```ts
 * import {writeSafetensors} from '@subset-tuning/safetensors';
 * const data = new Uint8Array(Int32Array.of(7).buffer);
 * const file = writeSafetensors({
 *   tensors: new Map([['step', {dtype: 'I32', shape: [], data}]]),
 *   metadata: new Map([['format', 'pt']]),
 * });
 * file.length % 4; // 0
 * ```
 */
export function writeSafetensors(content: Pick<Safetensors, 'tensors'> & Partial<Safetensors>): Uint8Array {
  checkOptions('writeSafetensors', content, CONTENT);
  const {tensors, metadata} = content;
  for (const [name, tensor] of tensors) {
    check('writeSafetensors: the name of a tensor', name, text);
    if (name === '__metadata__') throw new Error('writeSafetensors: a tensor is called "__metadata__"');
    const what = `writeSafetensors: tensor ${show(name)}`;
    checkTensor(what, tensor);
    const huge = tensor.shape.find((size) => !Number.isSafeInteger(size));
    if (huge !== undefined) throw new Error(`${what}: shape has ${huge}, expected whole numbers below 2⁵³`);
  }
  const sorted = Array.from(tensors, ([name, tensor]) => ({name, tensor, rank: DTYPES.indexOf(tensor.dtype)}));
  sorted.sort((a, b) => b.rank - a.rank || compareNames(a.name, b.name));
  // Joined by hand: an object would put names such as "10" first, and would not take "__proto__".
  const fields: string[] = [];
  if (metadata?.size) {
    const entries = [...metadata].sort(([a], [b]) => compareNames(a, b));
    fields.push(`"__metadata__":{${entries.map(([key, value]) => `${quote(key)}:${quote(value)}`).join()}}`);
  }
  let offset = 0;
  for (const {name, tensor} of sorted) {
    const {dtype, shape, data} = tensor;
    const end = offset + data.length;
    fields.push(`${quote(name)}:${JSON.stringify({dtype, shape, data_offsets: [offset, end]})}`);
    offset = end;
  }
  const header = new TextEncoder().encode(`{${fields.join()}}`);
  const headerLength = Math.ceil(header.length / 8) * 8;
  if (headerLength > MAX_HEADER_BYTES) {
    throw new Error(`writeSafetensors: a header of ${headerLength} bytes, expected at most ${MAX_HEADER_BYTES}`);
  }
  const file = new Uint8Array(8 + headerLength + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.fill(0x20, 8, 8 + headerLength);
  file.set(header, 8);
  let end = 8 + headerLength;
  for (const {tensor} of sorted) {
    file.set(tensor.data, end);
    end += tensor.data.length;
  }
  return file;
}

function quote(value: string): string {
  check('writeSafetensors: a text of the metadata', value, text);
  if (/\p{Surrogate}/u.test(value)) throw new Error(`writeSafetensors: the text ${show(value)} is not valid Unicode`);
  return JSON.stringify(value);
}

/** In the order of their code points, as the reference implementation has it; `<` goes by code units. */
function compareNames(a: string, b: string): number {
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
  // Surrogates stand for what is above U+FFFF.
  if (isSurrogate(left) !== isSurrogate(right) && i < a.length && i < b.length) return isSurrogate(left) ? 1 : -1;
  return a < b ? -1 : Number(a > b);
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xe000;
}
