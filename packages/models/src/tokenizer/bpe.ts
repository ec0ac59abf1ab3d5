import {anything, flag, type Kind, optional, show} from '@subset-tuning/checks';
import {Heap} from './heap.js';
import {readPart} from './part.js';
import {byteIds, idsOfBytes, MOST_TOKENS, type Model, readVocabulary, type Vocabulary} from './vocabulary.js';

const NULLABLE_TEXT: Kind = {expected: 'a string or null', is: (value) => value == null || typeof value === 'string'};
const NOTHING: Kind = {expected: 'null', is: (value) => value == null || value === ''};
const OPTIONS = {
  ...{type: anything, dropout: {expected: 'null', is: (value: unknown) => value == null}, unk_token: NULLABLE_TEXT},
  ...{continuing_subword_prefix: NOTHING, end_of_word_suffix: NOTHING, fuse_unk: optional(flag)},
  ...{byte_fallback: optional(flag), ignore_merges: optional(flag), vocab: anything},
  merges: {expected: `an array of at most ${MOST_TOKENS} merges`, is: isMergeList},
};

function isMergeList(value: unknown): boolean {
  return Array.isArray(value) && value.length <= MOST_TOKENS;
}

/** Words whose ids are remembered, and how long each may be. */
const REMEMBERED_WORDS = 10_000;
const LONGEST_REMEMBERED = 256;

/** Byte-pair encoding: the pair that was merged first in training is merged first, and of equal ones the leftmost. */
export function readBpe(name: string, json: unknown, size: number): Model {
  const options = readPart(`${name}: model`, json, OPTIONS);
  const vocabulary = readVocabulary(name, options.vocab, size);
  const merges = readMerges(name, options.merges as unknown[], vocabulary);
  const unknownToken = options.unk_token as string | null | undefined;
  const unknown = unknownToken == null ? undefined : vocabulary.get(unknownToken);
  if (unknownToken != null && unknown === undefined) {
    throw new Error(`${name}: model: unk_token is ${show(unknownToken)}, expected a token of vocab`);
  }
  const bytes = options.byte_fallback ? byteIds(vocabulary) : undefined;

  /** The tokens of the characters, before any merge. */
  const spell = (word: string): Tokens => {
    const tokens: Tokens = {ids: [], starts: [], ends: []};
    const add = (id: number, start: number, end: number) => {
      tokens.ids.push(id);
      tokens.starts.push(start);
      tokens.ends.push(end);
    };
    let pending = -1; // where unknown characters began, which wait for their followers, as in the Python library
    let start = 0;
    for (const character of word) {
      const end = start + character.length;
      const id = vocabulary.get(character);
      const fallback = id === undefined && bytes ? idsOfBytes(character, bytes) : undefined;
      if (fallback) {
        for (const byte of fallback) add(byte, start, end);
      } else if (unknown !== undefined) {
        if (pending >= 0 && (id !== undefined || !options.fuse_unk)) {
          add(unknown, pending, start);
          pending = -1;
        }
        if (id === undefined) pending = pending < 0 ? start : pending;
        else add(id, start, end);
      } else if (id !== undefined) add(id, start, end);
      start = end;
    }
    if (pending >= 0 && unknown !== undefined) add(unknown, pending, start);
    return tokens;
  };

  const remembered = new Map<string, Tokens>();
  const tokensOf = (word: string): Tokens => {
    const known = remembered.get(word);
    if (known) return known;
    const tokens = merge(spell(word), merges);
    if (word.length <= LONGEST_REMEMBERED) {
      if (remembered.size === REMEMBERED_WORDS) remembered.clear();
      remembered.set(word, tokens);
    }
    return tokens;
  };
  return {
    vocabulary,
    encode: (word, add) => {
      const whole = options.ignore_merges ? vocabulary.get(word) : undefined;
      const {ids, starts, ends} =
        whole === undefined ? tokensOf(word) : {ids: [whole], starts: [0], ends: [word.length]};
      for (const [i, id] of ids.entries()) add(id, starts[i], ends[i]);
    },
  };
}

/** Tokens of a word, with the code units that each stands for. */
interface Tokens {
  ids: number[];
  starts: number[];
  ends: number[];
}

interface Merges {
  /** From a pair of ids to the merge's rank. */
  ranks: ReadonlyMap<number, number>;
  /** What each merge makes. */
  made: readonly number[];
}

function pairOf(left: number, right: number): number {
  return left * MOST_TOKENS + right;
}

function readMerges(name: string, merges: readonly unknown[], vocabulary: Vocabulary): Merges {
  const ranks = new Map<number, number>();
  const made = merges.map((merge, rank) => {
    const pair = typeof merge === 'string' ? merge.split(' ') : merge;
    const [left, right] = Array.isArray(pair) && pair.length === 2 ? (pair as unknown[]) : [];
    if (typeof left !== 'string' || typeof right !== 'string') {
      throw new Error(`${name}: model: merge ${rank} is ${show(merge)}, expected two tokens`);
    }
    const [from, to, whole] = [left, right, left + right].map((token) => vocabulary.get(token));
    if (from === undefined || to === undefined || whole === undefined) {
      throw new Error(`${name}: model: merge ${rank} is ${show(merge)}, expected tokens of vocab that make another`);
    }
    ranks.set(pairOf(from, to), rank);
    return whole;
  });
  return {ranks, made};
}

/** A rank and a place in one number, which sorts by rank and then by place; a string has less than 2^29 code units. */
const PLACES = 2 ** 29;

function merge({ids, starts, ends}: Tokens, {ranks, made}: Merges): Tokens {
  const next = Int32Array.from(ids, (_, i) => (i + 1 < ids.length ? i + 1 : -1));
  const previous = Int32Array.from(ids, (_, i) => i - 1);
  const heap = new Heap();
  const rankAt = (place: number) => (next[place] < 0 ? undefined : ranks.get(pairOf(ids[place], ids[next[place]])));
  const consider = (place: number) => {
    const rank = rankAt(place);
    if (rank !== undefined) heap.push(rank * PLACES + place);
  };
  for (let place = 0; place < ids.length; place++) consider(place);
  for (let least = heap.pop(); least !== undefined; least = heap.pop()) {
    const place = least % PLACES;
    const rank = Math.floor(least / PLACES);
    if (ids[place] < 0 || rankAt(place) !== rank) continue; // merged otherwise meanwhile
    const gone = next[place];
    ids[place] = made[rank];
    ids[gone] = -1;
    ends[place] = ends[gone];
    next[place] = next[gone];
    if (next[gone] >= 0) previous[next[gone]] = place;
    if (previous[place] >= 0) consider(previous[place]);
    consider(place);
  }
  const isLeft = (_: number, place: number) => ids[place] >= 0;
  return {ids: ids.filter(isLeft), starts: starts.filter(isLeft), ends: ends.filter(isLeft)};
}
