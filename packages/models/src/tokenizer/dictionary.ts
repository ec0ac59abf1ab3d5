/** Texts, and which of them begin at a place of another text, in time that does not grow with their number. */
export class Dictionary<Value> {
  readonly #values: ReadonlyMap<string, Value>;
  /** The lengths of the texts that begin with a code unit, ascending. */
  readonly #lengths = new Map<number, number[]>();

  /** @param values none of them for the empty text. */
  constructor(values: ReadonlyMap<string, Value>) {
    this.#values = values;
    const lengths = new Map<number, Set<number>>();
    for (const text of values.keys()) {
      const first = text.charCodeAt(0);
      const known = lengths.get(first) ?? new Set<number>();
      lengths.set(first, known.add(text.length));
    }
    for (const [first, known] of lengths)
      this.#lengths.set(
        first,
        [...known].sort((a, b) => a - b),
      );
  }

  /** All that begin here, the shortest first: where each ends and its value. */
  *startingAt(text: string, start: number): Generator<[end: number, value: Value]> {
    for (const length of this.#lengths.get(text.charCodeAt(start)) ?? []) {
      const end = start + length;
      if (end > text.length) return;
      const value = this.#values.get(text.slice(start, end));
      if (value !== undefined) yield [end, value];
    }
  }

  /** The longest that begins here. */
  longestAt(text: string, start: number): [end: number, value: Value] | undefined {
    let longest: [number, Value] | undefined;
    for (const found of this.startingAt(text, start)) longest = found;
    return longest;
  }
}
