import {check, checkFields, type Kind, type Kinds, optional, show, text as string} from '@subset-tuning/checks';

/** A sentence and one translation of it. */
export interface SentencePair {
  source: string;
  target: string;
  /** Whom the pair's licence asks to name, where the file says so. */
  attribution?: string;
}

export const PAIR: Kinds<SentencePair> = {source: string, target: string, attribution: optional(string)};
const ITERABLE: Kind = {
  expected: 'an array of sentence pairs, or another iterable of such',
  is: (value) => typeof value === 'object' && value !== null && Symbol.iterator in value,
};

/** A sentence with every translation of it that a data set knows. */
export interface SourceGroup {
  source: string;
  /** At least one, in the order of the data set. */
  references: string[];
}

/**
 * Reads sentence pairs from tab-separated text, the layout of the Tatoeba collections of manythings.org: one pair a
 * line, first the source, then the target, then (optional) the attribution; further columns are ignored.
 *
 * Lines end in LF or CRLF, the last one may lack its end, and a byte order mark at the start is dropped. Nothing
 * else is trimmed or normalised.
 *
 * @throws Error with the line's number where a line has no tab, or an empty source or target.
 *
 * @example
 * ```ts
 * import {parseSentencePairs} from '@subset-tuning/tasks';
 * parseSentencePairs('I was there.\tIch war da.\n'); // [{source: 'I was there.', target: 'Ich war da.'}]
 * ```
 */
export function parseSentencePairs(text: string): SentencePair[] {
  check('parseSentencePairs: text', text, string);
  const lines = text.replace(/^\uFEFF/u, '').split(/\r?\n/u);
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, i) => parsePair(`line ${i + 1}`, line));
}

/** Reads a line of {@link parseSentencePairs}. */
export function parsePair(where: string, line: string): SentencePair {
  const [source = '', target = '', attribution = ''] = line.split('\t');
  if (source.trim() === '' || target.trim() === '') {
    throw new Error(`${where}: expected a source, a tab and a target, got ${show(line)}`);
  }
  return attribution.trim() === '' ? {source, target} : {source, target, attribution};
}

/**
 * Gathers the pairs that share a source, so that an evaluator can accept any of its translations.
 *
 * @returns one group a source, in the order in which the sources first appear.
 *
 * @example
 * ```ts
 * import {groupBySource, parseSentencePairs} from '@subset-tuning/tasks';
 * const pairs = parseSentencePairs('I was there.\tIch war da.\nI was there.\tIch war dort.\n');
 * groupBySource(pairs); // [{source: 'I was there.', references: ['Ich war da.', 'Ich war dort.']}]
 * ```
 */
export function groupBySource(pairs: Iterable<SentencePair>): SourceGroup[] {
  check('groupBySource: pairs', pairs, ITERABLE);
  const groups = new Map<string, SourceGroup>();
  for (const pair of pairs) {
    checkFields('groupBySource: a pair', pair, PAIR);
    const {source, target} = pair;
    const group = groups.get(source);
    if (group) group.references.push(target);
    else groups.set(source, {source, references: [target]});
  }
  return [...groups.values()];
}
