import type {Params} from './params.js';
import type {Piece} from './pieces.js';
import type {Recorder, Words} from './recorder.js';
import {THREAD_WORDS} from './scratch-layout.js';
import {BY_FOUR_WORDS} from './shaders/four-words.js';
import type {Lanes} from './shaders/lanes.js';
import {LIST, MEASURE} from './shaders/measure.js';
import {LEVELS, NARROW, RADIX} from './shaders/radix.js';
import {COUNT_NEW, SCAN_SUMS, TALLY} from './shaders/scan.js';
import {type Shader, THREADS} from './shaders/shader.js';

/** The pieces that kernels walk over, each with the tensors that it lies in, and what is whole for all of them. */
export interface Walk {
  recorder: Recorder;
  pieces: readonly Piece[];
  /** Buffers of the tensor that a piece lies in, by name. */
  tensorWords: (tensor: number) => Record<string, Words>;
  whole: Record<string, Words>;
  params: Params;
}

/** Most workgroups of a shader whose threads loop. */
const MOST_GROUPS = 1024;

/** One dispatch for each piece; `each` is how many of its elements a workgroup takes, `groups` how many there are. */
export function forEachPiece(
  {recorder, pieces, tensorWords, whole, params}: Walk,
  shader: Shader | ((piece: Piece) => Shader),
  groups: (piece: Piece) => number,
  more: Params = {},
): void {
  for (const piece of pieces) {
    const {tensor, start, length, word} = piece;
    const own = {...params, ...more, size: length, word};
    const shaderOfPiece = typeof shader === 'function' ? shader(piece) : shader;
    recorder.dispatch(shaderOfPiece, groups(piece), own, whole, tensorWords(tensor), {start, length});
  }
}

/** How many workgroups a piece needs where each takes so many elements. */
export const groupsOf =
  (elements: number) =>
  ({length}: Piece): number =>
    Math.ceil(length / elements);

/** Proposals, slots and distances. */
export function measure(walk: Walk, by: keyof typeof MEASURE): void {
  forEachPiece(
    walk,
    ({length}) => MEASURE[by][lanesOf(length)],
    ({length}) => Math.ceil(length / (lanesOf(length) * THREADS)),
  );
}

/** The list of the candidates where they are few; where the prediction missed, proposals and distances again. */
export function list(walk: Walk, rule: keyof typeof LIST): void {
  forEachPiece(walk, ({length}) => LIST[rule][lanesOf(length)], groupsOf(BY_FOUR_WORDS), {again: 1});
}

function lanesOf(length: number): Lanes {
  return length % 4 === 0 ? 4 : 1;
}

/**
 * Finds the k-th distance among the candidates that a measuring pass has left, exactly: three levels of a radix
 * histogram over their bits. Then sorts them into those above it and the ties, and sums up both for `spread`. Looks at the
 * list of the candidates, or where that has no room at all words.
 */
export function findKth(walk: Walk, source: keyof typeof RADIX, spread: Shader): void {
  const {recorder, whole, params} = walk;
  const forList = Math.ceil((params.capacity ?? 0) / THREADS);
  const groups = (piece: Piece) =>
    Math.min(MOST_GROUPS, Math.max(groupsOf(32 * THREADS)(piece), piece.word === 0 ? forList : 0));
  for (const level of LEVELS) {
    forEachPiece(walk, RADIX[source].histogram, groups, level);
    recorder.dispatch(NARROW, 1, {...params, ...level}, whole);
  }
  forEachPiece(walk, RADIX[source].classify, groups);
  scan(walk, COUNT_NEW, spread);
}

/** Counts who lies in the window and above it. */
export function tally({recorder, whole, params}: Walk): void {
  recorder.dispatch(TALLY, scanGroups(params), params, whole);
}

/** Counts words, and gives `spread` of each what the words before it have. */
export function scan({recorder, whole, params}: Walk, count: Shader, spread: Shader): void {
  const groups = scanGroups(params);
  recorder.dispatch(count, groups, params, whole);
  recorder.dispatch(SCAN_SUMS, 1, params, whole);
  recorder.dispatch(spread, groups, params, whole);
}

function scanGroups({words = 0}: Params): number {
  return Math.ceil(words / (THREAD_WORDS * THREADS));
}
