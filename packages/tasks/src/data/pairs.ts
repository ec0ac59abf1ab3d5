import {show} from '@subset-tuning/checks';
import type {DataFile, DataSet} from './data-set.js';
import {type Line, linesOf} from './lines.js';
import {parsePair, type SentencePair} from './sentence-pairs.js';

/**
 * Sentence pairs in tab-separated files, as `parseSentencePairs` reads them.
 *
 * @param splits The file of each split.
 */
export function tabSeparatedPairs(name: string, splits: Record<string, string>): DataSet<SentencePair> {
  return {
    name,
    splits: Object.fromEntries(Object.entries(splits).map(([split, file]) => [split, [file]])),
    async *read([file]) {
      for await (const {where, text} of linesOf(file.name, file.bytes)) yield parsePair(where, text);
    },
  };
}

/**
 * Sentence pairs in two files, one sentence a line: what stands on the same line belongs together.
 *
 * @param splits The files of each split, the source's first.
 *
 * @example
 * ```ts no-run
 * import {loadSplit, parallelPairs} from '@subset-tuning/tasks';
 * const multi30k = parallelPairs('multi30k', {train: ['train.en', 'train.de'], validation: ['val.en', 'val.de']});
 * const rows = await loadSplit(multi30k, 'data/multi30k', 'train');
 * ```
 */
export function parallelPairs(
  name: string,
  splits: Record<string, [source: string, target: string]>,
): DataSet<SentencePair> {
  return {name, splits, read: ([source, target]) => zip(linesOfSide(source), linesOfSide(target), [source, target])};
}

async function* linesOfSide({name, bytes}: DataFile): AsyncGenerator<Line> {
  for await (const line of linesOf(name, bytes)) {
    if (line.text.trim() === '') throw new Error(`${line.where} is ${show(line.text)}, expected a sentence`);
    yield line;
  }
}

/** Puts the sentences of two files together. */
export async function* zip(
  sources: AsyncGenerator<Line>,
  targets: AsyncGenerator<Line>,
  [first, second]: readonly DataFile[],
): AsyncGenerator<SentencePair> {
  try {
    while (true) {
      const source = await sources.next();
      const target = await targets.next();
      if (source.done && target.done) return;
      if (source.done) throw new Error(`${target.value.where} has no sentence beside it: ${first.name} has ended`);
      if (target.done) throw new Error(`${source.value.where} has no sentence beside it: ${second.name} has ended`);
      yield {source: source.value.text, target: target.value.text};
    }
  } finally {
    await sources.return(undefined);
    await targets.return(undefined);
  }
}
