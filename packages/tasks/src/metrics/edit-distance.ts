/*
 * The edit distance of TER, after sacrebleu 2.6's `metrics/lib_ter.py` (Apache-2.0, copyright 2020 Memsource).
 */

/** What became of a word: `insert` is one that the reference has and the text lacks, `delete` one that it has too much. */
export const Edit = {keep: 0, substitute: 1, insert: 2, delete: 3} as const;

/** How far around the diagonal the cheapest path is looked for. */
const BEAM_WIDTH = 25;
/** Most rows that are remembered. */
const MAX_CACHED_ROWS = 10_000;
const INFINITE = 1e9;
/** Where no path was looked for. */
const UNKNOWN = 255;

/** Row i of the matrix: what the first i words cost against each length of the reference, and the last edit. */
interface Row {
  readonly costs: Int32Array;
  readonly edits: Uint8Array;
}
/** Rows by the words that led to them. */
interface Node {
  readonly row: Row;
  readonly next: Map<string, Node>;
}

/** Edit distances to one reference, which remember the rows of beginnings seen before: shifted texts share most. */
export class EditDistance {
  readonly #reference: readonly string[];
  readonly #root: Node;
  #cached = 0;

  constructor(reference: readonly string[]) {
    this.#reference = reference;
    const row = {costs: new Int32Array(reference.length + 1), edits: new Uint8Array(reference.length + 1)};
    for (let j = 0; j <= reference.length; j++) [row.costs[j], row.edits[j]] = [j, Edit.insert];
    this.#root = {row, next: new Map()};
  }

  /** The cost of making the reference of these words, and the edits that do, from the first word to the last. */
  of(words: readonly string[]): {cost: number; trace: number[]} {
    const rows = this.#rows(words);
    const trace: number[] = [];
    let [i, j] = [words.length, this.#reference.length];
    while (i > 0 || j > 0) {
      const edit = rows[i].edits[j];
      trace.push(edit);
      if (edit !== Edit.insert) i--;
      if (edit !== Edit.delete) j--;
    }
    return {cost: rows[words.length].costs[this.#reference.length], trace: trace.reverse()};
  }

  #rows(words: readonly string[]): Row[] {
    const ratio = words.length > 0 ? this.#reference.length / words.length : 1;
    const beam = BEAM_WIDTH < ratio / 2 ? Math.ceil(ratio / 2 + BEAM_WIDTH) : BEAM_WIDTH;
    const rows = [this.#root.row];
    const caches = this.#cached < MAX_CACHED_ROWS;
    let node: Node | undefined = this.#root;
    words.forEach((word, i) => {
      const known: Node | undefined = node?.next.get(word);
      const row = known?.row ?? this.#row(rows[i], word, Math.floor((i + 1) * ratio), beam, i + 1 === words.length);
      rows.push(row);
      if (known === undefined && node !== undefined && caches) {
        const made = {row, next: new Map<string, Node>()};
        node.next.set(word, made);
        this.#cached++;
        node = made;
      } else node = known;
    });
    return rows;
  }

  #row(above: Row, word: string, diagonal: number, beam: number, last: boolean): Row {
    const reference = this.#reference;
    const costs = new Int32Array(reference.length + 1).fill(INFINITE);
    const edits = new Uint8Array(reference.length + 1).fill(UNKNOWN);
    const end = last ? reference.length + 1 : Math.min(reference.length + 1, diagonal + beam);
    for (let j = Math.max(0, diagonal - beam); j < end; j++) {
      let cost = above.costs[j] + 1;
      let edit: number = Edit.delete;
      if (j > 0) {
        const equal = word === reference[j - 1];
        const replaced = above.costs[j - 1] + (equal ? 0 : 1);
        // In this order of preference: keep or substitute, delete, insert.
        if (replaced <= cost) [cost, edit] = [replaced, equal ? Edit.keep : Edit.substitute];
        if (costs[j - 1] + 1 < cost) [cost, edit] = [costs[j - 1] + 1, Edit.insert];
      }
      if (cost < INFINITE) [costs[j], edits[j]] = [cost, edit];
    }
    return {costs, edits};
  }
}
