import {show} from '@subset-tuning/checks';

/** Thrown where the header goes on beyond the bytes that have been read, by a file that may well be right. */
export class MoreNeeded {
  constructor(readonly end: number) {}
}

const decoder = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

/** Reads a header from its beginning on. No number that stands in it is believed before it has been bounded. */
export class Cursor {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #most: number;
  readonly #name: string;

  /**
   * @param bytes The beginning of the file.
   * @param most Where the header must have ended: the file's end, or the largest header that is read.
   * @param name What errors call the file.
   */
  constructor(bytes: Uint8Array, most: number, name: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#most = most;
    this.#name = name;
  }

  /** Goes on by so many bytes, and returns where they begin. */
  skip(what: string, length: number | bigint): number {
    const begin = this.at;
    if (length > this.#most - begin) {
      const end = typeof length === 'bigint' ? BigInt(begin) + length : begin + length;
      throw new Error(`${this.#name}: ${what} ends at byte ${end}, expected at most ${this.#most}`);
    }
    const end = begin + Number(length);
    if (end > this.#bytes.length) throw new MoreNeeded(end);
    this.at = end;
    return begin;
  }

  /** One number of so many bytes, read by a method of `DataView`. */
  number<T>(what: string, length: number, read: (view: DataView, at: number) => T): T {
    return read(this.#view, this.skip(what, length));
  }

  u32(what: string): number {
    return this.#view.getUint32(this.skip(what, 4), true);
  }

  u64(what: string): bigint {
    return this.#view.getBigUint64(this.skip(what, 8), true);
  }

  /** How many there are of something that takes at least so many bytes each. */
  count(what: string, leastBytes: number): number {
    const count = this.u64(what);
    const most = Math.floor((this.#most - this.at) / leastBytes);
    if (count <= most) return Number(count);
    throw new Error(`${this.#name}: ${what} is ${count}, expected at most ${most} in what is left of the file`);
  }

  /** Bytes in a buffer of their own. */
  copy(what: string, length: number): ArrayBuffer {
    const begin = this.skip(what, length);
    return new Uint8Array(this.#bytes.subarray(begin, begin + length)).buffer;
  }

  text(what: string, longest = Number.POSITIVE_INFINITY): string {
    const length = this.u64(what);
    if (length > longest) throw new Error(`${this.#name}: ${what} has ${length} bytes, expected at most ${longest}`);
    const begin = this.skip(what, length);
    const bytes = this.#bytes.subarray(begin, this.at);
    try {
      return decoder.decode(bytes);
    } catch (cause) {
      throw new Error(`${this.#name}: ${what} is ${show(decodeLoosely(bytes))}, expected UTF-8`, {cause});
    }
  }
}

function decodeLoosely(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 100));
}
