/** Reads bytes `begin` to `end`, without `end`. */
type Read = (begin: number, end: number) => Promise<Uint8Array>;

/** Where something lies in a file: from its first byte to the one behind its last. */
export type Range = readonly [begin: number, end: number];

/** Bytes that are read at once at most, unless one range alone has more. */
const MOST_AT_ONCE = 2 ** 24;
/** Bytes that may be on their way or waiting to be asked for. */
const MOST_AHEAD = 3 * MOST_AT_ONCE;
/** Bytes between two ranges that are read with them, and dropped. */
const WIDEST_GAP = 2 ** 16;

/** Ranges that are read together. */
interface Group {
  begin: number;
  end: number;
  /** How many of its ranges have not been asked for. */
  left: number;
  bytes?: Promise<Uint8Array>;
}

/**
 * Reads ranges of a file that are told beforehand, neighbours together and the next ones ahead of their time: for files
 * of which each reading costs a round trip. What was not told is read by itself.
 */
export class JoinedReads {
  readonly #read: Read;
  readonly #groups: Group[] = [];
  readonly #groupOf = new Map<string, Group>();

  /** @param read Reads a range by itself. */
  constructor(read: Read) {
    this.#read = read;
  }

  /** Tells what will be read, in this order, which is that of the file. */
  plan(ranges: readonly Range[]): void {
    let last: Group | undefined;
    for (const [begin, end] of ranges) {
      const isNext = last && begin >= last.end && begin - last.end <= WIDEST_GAP && end - last.begin <= MOST_AT_ONCE;
      if (!last || !isNext) {
        last = {begin, end, left: 0};
        this.#groups.push(last);
      }
      last.end = end;
      last.left++;
      this.#groupOf.set(keyOf(begin, end), last);
    }
  }

  /** Bytes `begin` to `end`, in an array of their own. */
  async read(begin: number, end: number): Promise<Uint8Array> {
    const group = this.#groupOf.get(keyOf(begin, end));
    if (!group || group.left === 0) return this.#read(begin, end);
    group.left--;
    const bytes = await this.#start(group);
    if (group.left === 0) this.#drop(group);
    // Where it is all of them, nobody else has them.
    return bytes.length === end - begin ? bytes : bytes.slice(begin - group.begin, end - group.begin);
  }

  /** Asks for a group, and for those that follow it as far as there is room. */
  #start(group: Group): Promise<Uint8Array> {
    group.bytes ??= this.#ask(group);
    let ahead = 0;
    for (const each of this.#groups) if (each.bytes !== undefined) ahead += each.end - each.begin;
    for (const next of this.#groups.slice(this.#groups.indexOf(group) + 1)) {
      if (next.bytes !== undefined) continue;
      ahead += next.end - next.begin;
      if (ahead > MOST_AHEAD) break;
      next.bytes = this.#ask(next);
    }
    return group.bytes;
  }

  #drop(group: Group): void {
    delete group.bytes;
    const at = this.#groups.indexOf(group);
    if (at >= 0) this.#groups.splice(at, 1);
  }

  #ask({begin, end}: Group): Promise<Uint8Array> {
    const bytes = this.#read(begin, end);
    bytes.catch(() => {}); // whoever reads of it hears of it
    return bytes;
  }
}

function keyOf(begin: number, end: number): string {
  return `${begin}-${end}`;
}
