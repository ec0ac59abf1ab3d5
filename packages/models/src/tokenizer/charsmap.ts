import {show} from '@subset-tuning/checks';

/** Bytes of a charsmap; SentencePiece's own have a quarter of a million. */
const MOST_BYTES = 2 ** 22;
/** UTF-8 bytes of what is replaced at most: the Python library looks up nothing longer. */
export const LONGEST_KEY = 5;
/** Places of the trie that are looked at; SentencePiece's own need some ten thousand. */
const MOST_NODES = 2 ** 20;

/**
 * What a SentencePiece `precompiled_charsmap` replaces, and by what, where nothing shorter begins it that is replaced. In base64: the bytes of a trie (little-endian, 32
 * bits), the trie, which leads the UTF-8 of each text that is replaced to a place in the rest, and the replacements, each
 * ending in a zero byte.
 *
 * The trie is a double array (Yata's darts-clone): a unit holds the label of the edge that leads to it, where its children
 * begin, and whether a key ends there; the child by the byte 0 is then the key's value.
 *
 * @param what What errors call it.
 * @param base64 From anyone: every place is checked.
 */
export function readCharsmap(what: string, base64: unknown): ReadonlyMap<string, string> {
  const fail = (problem: string): never => {
    throw new Error(`${what}: precompiled_charsmap ${problem}, expected one of SentencePiece`);
  };
  const bytes = bytesOf(base64) ?? fail(`is ${show(base64)}`);
  if (bytes.length < 4) fail(`has ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint32(0, true);
  if (size % 4 !== 0 || size === 0 || size > bytes.length - 4)
    fail(`has a trie of ${size} of its ${bytes.length} bytes`);
  const trie = Uint32Array.from({length: size / 4}, (_, at) => view.getUint32(4 + 4 * at, true));
  const values = bytes.subarray(4 + size);
  const valueAt = (place: number): string => {
    const end = values.indexOf(0, place);
    if (place >= values.length || end < 0) fail(`replaces by what begins at ${place} of ${values.length} bytes`);
    return decode(values.subarray(place, end)) ?? fail('has a replacement that is no UTF-8');
  };

  const found = new Map<string, string>();
  let nodes = 0;
  const key: number[] = [];
  /** @param children Where the children of the node begin that `key` leads to. */
  const visit = (children: number): void => {
    if (++nodes > MOST_NODES) fail(`has more than ${MOST_NODES} places`);
    for (let byte = 1; byte < 256; byte++) {
      const at = children ^ byte;
      const unit = trie[at];
      if (unit === undefined || (unit & LABEL) >>> 0 !== byte) continue;
      key.push(byte);
      const next = (at ^ offsetOf(unit)) >>> 0;
      if ((unit & HAS_VALUE) !== 0) {
        const value = trie[next] ?? fail('has a trie that leads out of itself');
        found.set(decode(Uint8Array.from(key)) ?? fail('replaces what is no UTF-8'), valueAt(value & VALUE));
      } else if (key.length < LONGEST_KEY) visit(next);
      key.pop();
    }
  };
  visit(offsetOf(trie[0]));
  return found;
}

const LABEL = 0x8000_00ff;
const HAS_VALUE = 0x100;
const VALUE = 0x7fff_ffff;

function offsetOf(unit: number): number {
  return ((unit >>> 10) << ((unit & 0x200) >>> 6)) >>> 0;
}

function bytesOf(base64: unknown): Uint8Array | undefined {
  if (typeof base64 !== 'string' || base64.length > (MOST_BYTES * 4) / 3) return undefined;
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch {
    return undefined;
  }
}
