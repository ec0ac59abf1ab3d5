import type {Params} from './params.js';
import type {Piece} from './pieces.js';
import type {Calls, Recorder, Words} from './recorder.js';
import {THREAD_WORDS} from './scratch-layout.js';
import {BY_FOUR_WORDS} from './shaders/four-words.js';
import type {Lanes} from './shaders/lanes.js';
import {MEASURE} from './shaders/measure.js';
import {LEVELS, LIST, LISTED, NARROW, RADIX} from './shaders/radix.js';
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

/** One dispatch for each piece; `each` is how many elements a workgroup takes, or who says how many workgroups run. */
export function forEachPiece(
  {recorder, pieces, tensorWords, whole, params}: Walk,
  shader: Shader | ((piece: Piece) => Shader),
  each: number | ((piece: Piece) => number) | Calls,
  more: Params = {},
): void {
  for (const piece of pieces) {
    const {tensor, start, length, word} = piece;
    const groups =
      typeof each === 'object' ? each : Math.ceil(length / (typeof each === 'function' ? each(piece) : each));
    const own = {...params, ...more, size: length, word};
    const shaderOfPiece = typeof shader === 'function' ? shader(piece) : shader;
    recorder.dispatch(shaderOfPiece, groups, own, whole, tensorWords(tensor), {start, length});
  }
}

/** Proposals, slots and distances. */
export function measure(walk: Walk, by: keyof typeof MEASURE): void {
  forEachPiece(
    walk,
    ({length}) => MEASURE[by][lanesOf(length)],
    ({length}) => lanesOf(length) * THREADS,
  );
}

/** As {@link measure}, where the prediction missed. */
export function measureAgain(walk: Walk, by: keyof typeof MEASURE): void {
  forEachPiece(walk, ({length}) => MEASURE[by][lanesOf(length)], walk.recorder.call('again'), {again: 1});
}

function lanesOf(length: number): Lanes {
  return length % 4 === 0 ? 4 : 1;
}

/**
 * Finds the k-th distance among the candidates that a measuring pass has left, exactly: three levels of a radix
 * histogram over their bits. Then sorts them into those above it and the ties, and sums up both for `spread`. Looks at a
 * list of the candidates, or where that has no room at all words.
 */
export function findKth(walk: Walk, source: keyof typeof RADIX, spread: Shader): void {
  const {recorder, whole, params} = walk;
  const forEachWord = (shader: Shader, more: Params = {}) => forEachPiece(walk, shader, recorder.call('walk'), more);
  const forEachListed = (shader: Shader, more: Params = {}) => {
    if (params.capacity) recorder.dispatch(shader, recorder.call('listed'), {...params, ...more}, whole);
  };
  if (params.capacity) forEachPiece(walk, LIST, BY_FOUR_WORDS);
  for (const level of LEVELS) {
    forEachListed(LISTED.histogram, level);
    forEachWord(RADIX[source].histogram, level);
    recorder.dispatch(NARROW, 1, {...params, ...level}, whole);
  }
  forEachListed(LISTED.classify);
  forEachWord(RADIX[source].classify);
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
