import {show} from '@subset-tuning/checks';
import type {DataFile, DataSet} from './data-set.js';
import {type Line, linesOf} from './lines.js';
import {zip} from './pairs.js';
import type {SentencePair} from './sentence-pairs.js';

const ENTITIES: Readonly<Record<string, string>> = {amp: '&', lt: '<', gt: '>', quot: '"', apos: "'"};

/**
 * Sentence pairs of WMT's test sets: two SGML files, source and reference, whose segments (`<seg id="1">…</seg>`, each
 * on a line of its own) belong together in their order. White space around a segment is dropped, and `&amp;` and the
 * like become what they stand for.
 *
 * @param splits The files of each split, the source's first.
 *
 * @example
 * ```ts no-run
 * import {loadSplit, wmtPairs} from '@subset-tuning/tasks';
 * const newstest = wmtPairs('wmt14', {test: ['newstest2014-deen-src.en.sgm', 'newstest2014-deen-ref.de.sgm']});
 * const rows = await loadSplit(newstest, 'data/wmt14', 'test');
 * ```
 */
export function wmtPairs(
  name: string,
  splits: Record<string, [source: string, target: string]>,
): DataSet<SentencePair> {
  return {name, splits, read: ([source, target]) => zip(segmentsOf(source), segmentsOf(target), [source, target])};
}

async function* segmentsOf({name, bytes}: DataFile): AsyncGenerator<Line> {
  let count = 0;
  for await (const {where, text} of linesOf(name, bytes)) {
    if (!/<\/?seg\b/iu.test(text)) continue;
    const segment = /^\s*<seg\b[^<>]*>([^<]*)<\/seg>\s*$/iu.exec(text)?.[1].trim();
    if (!segment) throw new Error(`${where} is ${show(text)}, expected one segment, <seg id="…">…</seg>`);
    yield {where, text: unescaped(where, segment)};
    count++;
  }
  if (count === 0) throw new Error(`${name} has no segment, expected lines with <seg id="…">…</seg>`);
}

function unescaped(where: string, segment: string): string {
  return segment.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{1,32}));/giu, (entity, decimal, hex, name) => {
    if (name !== undefined) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : entity;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
      throw new Error(`${where} has ${entity}, expected a character's number`);
    }
    return String.fromCodePoint(code);
  });
}
