import type {TracedEncoding} from './tokenizer/encoding.js';

/** An answer that stands in a text. */
export interface Span {
  /** What stands there in the context: `context.slice(start, end)`. */
  text: string;
  /** Where it begins in the context, in code units. */
  start: number;
  /** Where it ends. */
  end: number;
  /** How well an answer begins at its first token, plus how well one ends at its last: the sum of two logits. */
  score: number;
}

/** A part of a context with its question, and how well an answer begins and ends at each of its tokens. */
export interface ScoredWindow {
  encoding: TracedEncoding;
  starts: ArrayLike<number>;
  ends: ArrayLike<number>;
}

/** What windows say of a question. */
export interface FoundSpans {
  /** The best spans, the best first. */
  spans: Span[];
  /** The score of there being no answer. */
  none: number;
}

/**
 * The best spans over all windows of a context, as `postprocess_qa_predictions` of transformers' examples finds them where
 * it looks at every token: a span of several windows has the score of the best. That there is no answer scores what the first
 * token scores, in the window that holds it least likely.
 *
 * @param maxTokens A span has at most so many.
 * @param count At most so many spans.
 */
export function bestSpans(
  windows: readonly ScoredWindow[],
  context: string,
  maxTokens: number,
  count: number,
): FoundSpans {
  const found = new Map<string, Span>();
  let none = Infinity;
  for (const {encoding, starts, ends} of windows) {
    none = Math.min(none, starts[0] + ends[0]);
    const {sequenceIds, offsets} = encoding;
    const first = sequenceIds.indexOf(1);
    const last = sequenceIds.lastIndexOf(1);
    for (let from = first; first >= 0 && from <= last; from++) {
      for (let to = from; to <= last && to < from + maxTokens; to++) {
        const [start, end] = [offsets[from][0], offsets[to][1]];
        const score = starts[from] + ends[to];
        const place = `${start} ${end}`;
        if (end > start && !(score <= (found.get(place)?.score ?? -Infinity))) {
          found.set(place, {text: context.slice(start, end), start, end, score});
        }
      }
    }
  }
  const spans = [...found.values()].sort((a, b) => b.score - a.score).slice(0, count);
  return {spans, none};
}
