import {type StoredTensor, writeSafetensors} from '@subset-tuning/safetensors';
import {bitsOf} from './bits.js';
import {checkDelta, type Delta} from './delta.js';
import {FORMAT, VERSION} from './file-format.js';
import {encodeGaps} from './gaps.js';

/**
 * Writes a delta as a safetensors file: the changed values, where they lie, and what they were tuned from. Values keep
 * their bits; the same delta gives the same bytes. `file-format.ts` says what lies where.
 *
 * @throws where the delta is not what its type promises, or a text in it is not valid Unicode.
 *
 * @example
 * ```ts
 * import {readDelta, writeDelta} from '@subset-tuning/deltas';
 * const file = writeDelta({base: 'my-model', tensors: [], tunedSha256: '0'.repeat(64)});
 * readDelta(file).base; // 'my-model'
 * ```
 */
export function writeDelta(delta: Delta): Uint8Array {
  checkDelta(delta);
  const {base, tensors, seedSha256, tunedSha256} = delta;
  const metadata = new Map([
    ['format', FORMAT],
    ['version', VERSION],
    ['base', base],
    ['tuned', tunedSha256],
  ]);
  if (seedSha256 !== undefined) metadata.set('seed', seedSha256);
  const stored = new Map<string, StoredTensor>();
  for (const {name, shape, positions, values, seedSha256} of tensors) {
    metadata.set(`shape/${name}`, shape.join());
    metadata.set(`seed/${name}`, seedSha256);
    const words = bitsOf(values);
    const data = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    stored.set(`values/${name}`, {dtype: 'F32', shape: positions === 'all' ? shape : [values.length], data});
    if (positions !== 'all') {
      const gaps = encodeGaps(positions);
      stored.set(`gaps/${name}`, {dtype: 'U8', shape: [gaps.length], data: gaps});
    }
  }
  return writeSafetensors({tensors: stored, metadata});
}
