import {bytes, callable, check, checkFields, type Kinds, wholeNumber} from '@subset-tuning/checks';

/**
 * A file that is read in parts, so that it need not be in memory whole: an open file, a `Blob`, a server that knows
 * range requests.
 */
export interface ByteSource {
  /** How many bytes there are. */
  size: number;
  /** Bytes `begin` to `end`, without `end`: exactly so many, for 0 ≤ begin ≤ end ≤ size. */
  read(begin: number, end: number): Promise<Uint8Array>;
}

const SOURCE: Kinds<ByteSource> = {size: wholeNumber(0), read: callable};

/**
 * Bytes, or a source, as a source that is held to what it promises.
 *
 * @param name What errors call it.
 * @throws where it is neither; what it gives, where that is not as many bytes as were asked for.
 *
 * @example
 * ```ts
 * import {toByteSource} from '@subset-tuning/safetensors';
 * await toByteSource('a file', Uint8Array.of(1, 2, 3)).read(1, 3); // Uint8Array [2, 3]
 * ```
 */
export function toByteSource(name: string, source: Uint8Array | ByteSource): ByteSource {
  if (isBytes(source)) return {size: source.length, read: async (begin, end) => source.subarray(begin, end)};
  checkFields(`${name}: the content`, source, SOURCE);
  return {
    size: source.size,
    read: async (begin, end) => {
      const part = await source.read(begin, end);
      const is = (value: unknown) => isBytes(value) && value.length === end - begin;
      check(`${name}: bytes ${begin} to ${end}`, part, {expected: `a Uint8Array of ${end - begin} bytes`, is});
      return part;
    },
  };
}

function isBytes(value: unknown): value is Uint8Array {
  return bytes.is(value);
}
