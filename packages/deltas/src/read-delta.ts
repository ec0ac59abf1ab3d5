import {cut, show} from '@subset-tuning/checks';
import {asFloat32, readSafetensors, type StoredTensor} from '@subset-tuning/safetensors';
import {checkDelta, type Delta, type DeltaTensor, MOST_AXES, sizeOf} from './delta.js';
import {FORMAT, VERSION} from './file-format.js';
import {decodeGaps} from './gaps.js';

/** Characters of a shape: ten digits and a comma an axis. */
const LONGEST_SHAPE = 11 * MOST_AXES - 1;

/**
 * Reads a delta file that may come from anyone. What it says is checked before anything is handed out, and what is
 * allocated is bounded by the file's own size; whether it fits a model, and whether its values are the ones that were
 * written, is for `applyDelta` to check.
 *
 * @throws where the bytes are no safetensors file, no delta or one of an unknown version, and where a tensor has no
 * shape or seed, positions outside it or not ascending, or not one value a position.
 *
 * @example
 * ```ts
 * import {readDelta, writeDelta} from '@subset-tuning/deltas';
 * const file = writeDelta({base: 'my-model', tensors: [], tunedSha256: '0'.repeat(64)});
 * readDelta(file).base; // 'my-model'
 * ```
 */
export function readDelta(bytes: Uint8Array): Delta {
  const {tensors: stored, metadata} = readSafetensors(bytes, 'delta file');
  const text = (key: string): string => {
    const found = metadata.get(key);
    if (found === undefined) throw new Error(`delta file: the metadata has no ${show(key)}`);
    return found;
  };
  const expect = (key: string, expected: string) => {
    const found = text(key);
    if (found !== expected) {
      throw new Error(`delta file: ${key} is ${show(found)}, expected ${expected}`);
    }
  };
  expect('format', FORMAT);
  expect('version', VERSION);
  const tensors: DeltaTensor[] = [];
  for (const [key, tensor] of stored) {
    // By hand: a regular expression overflows its stack on a name of megabytes.
    const isValues = key.startsWith('values/');
    const name = key.slice(key.indexOf('/') + 1);
    if (!isValues && !(key.startsWith('gaps/') && stored.has(`values/${name}`))) {
      throw new Error(`delta file: unexpected tensor ${show(key)}`);
    }
    if (!isValues) continue;
    const what = cut(name);
    const shape = parseShape(what, text(`shape/${name}`));
    const entries = readEntries(what, shape, tensor, stored.get(`gaps/${name}`));
    tensors.push({name, shape, ...entries, seedSha256: text(`seed/${name}`)});
  }
  const seedSha256 = metadata.get('seed');
  const delta = {
    base: text('base'),
    tensors,
    ...(seedSha256 !== undefined && {seedSha256}),
    tunedSha256: text('tuned'),
  };
  checkDelta(delta);
  return delta;
}

function parseShape(what: string, text: string): number[] {
  if (text === '') return [];
  // Cut before it is taken apart: a file may have megabytes here.
  const lengths = text.slice(0, LONGEST_SHAPE + 1).split(',');
  if (text.length > LONGEST_SHAPE || !lengths.every((length) => /^\d{1,10}$/.test(length))) {
    throw new Error(`${what}: shape is ${show(text)}, expected at most ${MOST_AXES} lengths with commas between`);
  }
  return lengths.map(Number);
}

function readEntries(
  what: string,
  shape: number[],
  values: StoredTensor,
  gaps: StoredTensor | undefined,
): Pick<DeltaTensor, 'positions' | 'values'> {
  const size = sizeOf(what, shape);
  if (values.dtype !== 'F32') throw new Error(`${what}: the values are ${values.dtype}, expected F32`);
  const expected = gaps === undefined ? shape : [values.data.length / 4];
  if (String(values.shape) !== String(expected)) {
    throw new Error(`${what}: the values have shape ${show(values.shape)}, expected ${show(expected)}`);
  }
  if (gaps === undefined) return {positions: 'all', values: asFloat32(values)};
  if (gaps.dtype !== 'U8') throw new Error(`${what}: the gaps are ${gaps.dtype}, expected U8`);
  return {positions: decodeGaps(what, gaps.data, values.data.length / 4, size), values: asFloat32(values)};
}
