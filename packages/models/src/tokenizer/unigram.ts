import {anything, flag, type Kind, optional, show, wholeNumber} from '@subset-tuning/checks';
import {Dictionary} from './dictionary.js';
import {readPart} from './part.js';
import {byteIds, checkId, idsOfBytes, type Model} from './vocabulary.js';

const OPTIONS = {type: anything, unk_id: wholeNumber(0), byte_fallback: optional(flag), vocab: anything};

/** Code units of a piece; SentencePiece makes none of more than 16 unless told. */
const LONGEST_PIECE = 128;
const PIECE: Kind = {
  expected: `a text of 1 to ${LONGEST_PIECE} characters and a score`,
  is: (entry) =>
    Array.isArray(entry) &&
    entry.length === 2 &&
    typeof entry[0] === 'string' &&
    entry[0] !== '' &&
    entry[0].length <= LONGEST_PIECE &&
    Number.isFinite(entry[1]),
};

/** How much less likely than the least likely piece a character is that is in none. */
const UNKNOWN_PENALTY = 10;

/** The likeliest way to make a text of pieces, each with a score of its own. */
export function readUnigram(name: string, json: unknown, size: number): Model {
  const options = readPart(`${name}: model`, json, OPTIONS);
  const {vocab, unk_id: unknown} = options as {vocab: unknown; unk_id: number};
  if (!Array.isArray(vocab) || vocab.length === 0) {
    throw new Error(`${name}: model: vocab is ${show(vocab)}, expected an array of pieces with scores`);
  }
  const vocabulary = new Map<string, number>();
  const scores: number[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const [id, entry] of vocab.entries()) {
    if (!PIECE.is(entry)) throw new Error(`${name}: model: vocab: ${id} is ${show(entry)}, expected ${PIECE.expected}`);
    const [piece, score] = entry as [string, number];
    vocabulary.set(piece, checkId(name, piece, id, size));
    scores.push(score);
    least = Math.min(least, score);
  }
  if (unknown >= vocab.length) {
    throw new Error(`${name}: model: unk_id is ${unknown}, expected less than the ${vocab.length} entries of vocab`);
  }
  const pieces = new Dictionary(vocabulary);
  const bytes = options.byte_fallback ? byteIds(vocabulary) : undefined;

  /** Where the pieces of a text begin, the last first; unknown characters in a row are one. */
  const split = (text: string): number[] => {
    const scoreTo = new Float64Array(text.length + 1);
    const from = new Int32Array(text.length + 1).fill(-1);
    const isUnknown = new Uint8Array(text.length + 1);
    const offer = (start: number, end: number, score: number, id: number) => {
      if (from[end] >= 0 && score + scoreTo[start] <= scoreTo[end]) return;
      from[end] = start;
      scoreTo[end] = score + scoreTo[start];
      isUnknown[end] = Number(id === unknown);
    };
    for (let start = 0; start < text.length; ) {
      const next = start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
      let single = false;
      for (const [end, id] of pieces.startingAt(text, start)) {
        offer(start, end, scores[id], id);
        single ||= end === next;
      }
      if (!single) offer(start, next, least - UNKNOWN_PENALTY, unknown);
      start = next;
    }
    const starts: number[] = [];
    for (let end = text.length; end > 0; end = from[end]) {
      if (!(isUnknown[end] && isUnknown[from[end]] && from[end] > 0)) starts.push(from[end]);
    }
    return starts;
  };

  return {
    vocabulary,
    encode: (text, add) => {
      const starts = split(text);
      for (let i = starts.length - 1; i >= 0; i--) {
        const [start, end] = [starts[i], i > 0 ? starts[i - 1] : text.length];
        const piece = text.slice(start, end);
        const id = vocabulary.get(piece);
        const spelled = id === undefined && bytes ? idsOfBytes(piece, bytes) : undefined;
        for (const each of spelled ?? [id ?? unknown]) add(each, start, end);
      }
    },
  };
}
