import {Edit, EditDistance} from './edit-distance.js';

/*
 * After sacrebleu 2.6's `metrics/lib_ter.py` (Apache-2.0, copyright 2020 Memsource), which follows Tercom in which shifts
 * are tried and which is taken.
 */
const MAX_SHIFT_SIZE = 10;
const MAX_SHIFT_DISTANCE = 50;
const MAX_SHIFT_CANDIDATES = 1000;

/** The fewest edits found that make the reference of these words, where to shift a run of words is one edit too. */
export function countEdits(words: readonly string[], reference: readonly string[]): number {
  if (reference.length === 0) return words.length;
  const distance = new EditDistance(reference);
  let current = words;
  let shifts = 0;
  let tried = 0;
  for (;;) {
    const shift = bestShift(current, reference, distance, tried);
    tried = shift.tried;
    if (tried >= MAX_SHIFT_CANDIDATES || shift.gain <= 0) break;
    shifts++;
    current = shift.words;
  }
  return shifts + distance.of(current).cost;
}

interface Shift {
  /** How many edits it saves. */
  gain: number;
  words: readonly string[];
  /** How many shifts were tried up to here. */
  tried: number;
}

function bestShift(
  words: readonly string[],
  reference: readonly string[],
  distance: EditDistance,
  triedBefore: number,
): Shift {
  const {cost, trace} = distance.of(words);
  const {places, wrongWords, wrongReferences} = align(trace);
  let best: (Shift & {rank: readonly number[]}) | undefined;
  let tried = triedBefore;
  for (const [start, startReference, length] of sharedRuns(words, reference)) {
    if (!anyOf(wrongWords, start, length) || !anyOf(wrongReferences, startReference, length)) continue;
    // not within the run itself
    if (start <= places[startReference] && places[startReference] < start + length) continue;
    let previous = -1;
    for (let offset = -1; offset < length; offset++) {
      const place = startReference + offset;
      if (place >= places.length) break;
      const target = place === -1 ? 0 : places[place] + 1;
      if (target === previous) continue;
      previous = target;
      const shifted = shift(words, start, length, target);
      const gain = cost - distance.of(shifted).cost;
      // Most edits saved, then the longest run, then the earliest one, then the earliest target.
      const rank = [gain, length, -start, -target];
      tried++;
      if (best === undefined || isMore(rank, best.rank)) best = {gain, words: shifted, tried, rank};
    }
    if (tried >= MAX_SHIFT_CANDIDATES) break;
  }
  return best === undefined ? {gain: 0, words, tried} : {...best, tried};
}

function isMore(a: readonly number[], b: readonly number[]): boolean {
  const i = a.findIndex((value, at) => value !== b[at]);
  return i >= 0 && a[i] > b[i];
}

function anyOf(flags: readonly boolean[], start: number, length: number): boolean {
  for (let i = start; i < start + length; i++) if (flags[i]) return true;
  return false;
}

/** Runs of words that both have, at places that differ by little: start, start in the reference, length. */
function* sharedRuns(words: readonly string[], reference: readonly string[]): Generator<[number, number, number]> {
  for (let start = 0; start < words.length; start++) {
    const from = Math.max(0, start - MAX_SHIFT_DISTANCE);
    const to = Math.min(reference.length - 1, start + MAX_SHIFT_DISTANCE);
    for (let other = from; other <= to; other++) {
      for (let length = 0; length < MAX_SHIFT_SIZE; ) {
        if (start + length >= words.length || other + length >= reference.length) break;
        if (words[start + length] !== reference[other + length]) break;
        length++;
        yield [start, other, length];
      }
    }
  }
}

/** The words with a run of them moved. */
function shift(words: readonly string[], start: number, length: number, target: number): string[] {
  const end = start + length;
  const run = words.slice(start, end);
  if (target < start) return [...words.slice(0, target), ...run, ...words.slice(target, start), ...words.slice(end)];
  // Within the run, the target counts from where its words end up.
  const until = target > end ? target : length + target;
  return [...words.slice(0, start), ...words.slice(end, until), ...run, ...words.slice(until)];
}

/** Where each word of the reference is among the words, and which of both are wrong. */
function align(trace: readonly number[]): {places: number[]; wrongWords: boolean[]; wrongReferences: boolean[]} {
  const places: number[] = [];
  const wrongWords: boolean[] = [];
  const wrongReferences: boolean[] = [];
  for (const edit of trace) {
    const wrong = edit !== Edit.keep;
    if (edit !== Edit.insert) wrongWords.push(wrong);
    if (edit !== Edit.delete) {
      places.push(wrongWords.length - 1);
      wrongReferences.push(wrong);
    }
  }
  return {places, wrongWords, wrongReferences};
}
