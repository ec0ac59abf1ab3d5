import {bytes as bytesKind, check, text} from '@subset-tuning/checks';
import {headerEnd, readHeader} from './read-header.js';
import type {Safetensors, StoredTensor} from './stored-tensor.js';

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
  const end = headerEnd(name, bytes, bytes.length);
  const {start, tensors, metadata} = readHeader(name, bytes.subarray(0, end), bytes.length);
  const withData = Array.from(tensors, ([key, {dtype, shape, begin, end}]): [string, StoredTensor] => [
    key,
    {dtype, shape, data: bytes.subarray(start + begin, start + end)},
  ]);
  return {tensors: new Map(withData), metadata};
}
