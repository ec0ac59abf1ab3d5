import {arrayOf, check, checkOptions, type Kinds, optional, show, text, wholeNumber} from '@subset-tuning/checks';
import {parseJson} from './json.js';
import {linesOf, MAX_FILE} from './lines.js';
import type {DataBytes} from './open-data.js';
import {type DataPlace, openPlace} from './open-place.js';

/** A data set: the files of its splits, and how their rows are read. */
export interface DataSet<Row> {
  readonly name: string;
  /** The files of each split. Several lie beside each other, such as the two sides of sentence pairs. */
  readonly splits: Readonly<Record<string, readonly string[]>>;
  /** The rows of a split, as its files have come. */
  read(files: readonly DataFile[]): AsyncGenerator<Row>;
}

/** A file of a split, by its name. */
export interface DataFile {
  name: string;
  bytes: DataBytes;
}

/** What {@link loadSplit} and {@link readSplit} can be told. */
export interface SplitOptions {
  /** At most so many rows, from the start. Default all. */
  limit?: number;
  /** The split's files, where they have other names than usual. */
  files?: readonly string[];
}

const SPLIT_OPTIONS: Kinds<SplitOptions> = {
  limit: optional(wholeNumber(0)),
  files: optional(arrayOf(text, 'an array of file names')),
};

/**
 * Reads a split of a data set row by row, so that it need not fit into memory.
 *
 * @param place A folder, its URL, `datasets/owner/name` on the Hugging Face hub, or a function that opens a file.
 * @throws where the data set has no such split, a file is missing, or a row is malformed: the error names file and line.
 *
 * @example
 * ```ts no-run
 * import {dataSets, readSplit} from '@subset-tuning/tasks';
 * for await (const row of readSplit(dataSets.boolq, 'data/BoolQ', 'validation')) console.log(row.question, row.label);
 * ```
 */
export async function* readSplit<Row>(
  dataSet: DataSet<Row>,
  place: DataPlace,
  split: string,
  options: SplitOptions = {},
): AsyncGenerator<Row> {
  check('readSplit: split', split, text);
  checkOptions('readSplit', options, SPLIT_OPTIONS);
  const {limit = Infinity} = options;
  const names = options.files ?? (Object.hasOwn(dataSet.splits, split) ? dataSet.splits[split] : undefined);
  if (!names) {
    const known = Object.keys(dataSet.splits).join(', ');
    throw new Error(`${dataSet.name} has no split ${show(split)}, expected one of ${known}`);
  }
  const open = openPlace(place);
  const files: DataFile[] = [];
  try {
    for (const name of names) files.push({name, bytes: await open(name, MAX_FILE)});
    let count = 0;
    if (limit === 0) return;
    for await (const row of dataSet.read(files)) {
      yield row;
      if (++count >= limit) return;
    }
  } finally {
    for (const {bytes} of files) await release(bytes);
  }
}

/**
 * All rows of a split of a data set.
 *
 * @param place A folder, its URL, `datasets/owner/name` on the Hugging Face hub, or a function that opens a file.
 * @throws as {@link readSplit}.
 *
 * @example
 * ```ts
 * import {dataSets, loadSplit} from '@subset-tuning/tasks';
 * const row = '{"question": "is snow white", "passage": "Snow is white.", "idx": 0, "label": true}';
 * const open = async () => new TextEncoder().encode(row);
 * await loadSplit(dataSets.boolq, open, 'train'); // [{question: 'is snow white', …, idx: 0, label: 1}]
 * ```
 */
export async function loadSplit<Row>(
  dataSet: DataSet<Row>,
  place: DataPlace,
  split: string,
  options: SplitOptions = {},
): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of readSplit(dataSet, place, split, options)) rows.push(row);
  return rows;
}

/**
 * A data set in JSON lines: one object a line, of which `parse` makes rows.
 *
 * @param parse Is given the parsed line, and file and line as errors call them.
 */
export function jsonLines<Row>(
  name: string,
  splits: DataSet<Row>['splits'],
  parse: (where: string, value: unknown) => Row | Row[],
): DataSet<Row> {
  return {
    name,
    splits,
    async *read([file]) {
      for await (const {where, text} of linesOf(file.name, file.bytes)) {
        const rows = parse(where, parseJson(where, text));
        if (Array.isArray(rows)) yield* rows;
        else yield rows;
      }
    },
  };
}

/** Closes what was opened and not read to its end. */
async function release(bytes: DataBytes): Promise<void> {
  if (!ArrayBuffer.isView(bytes) && !bytes.locked) await bytes.cancel();
}
