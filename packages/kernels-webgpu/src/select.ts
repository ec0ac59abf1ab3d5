import type {Params} from './params.js';
import type {Piece} from './pieces.js';
import type {Calls, Recorder, Words} from './recorder.js';
import {SCAN_WORDS, type Scan, type ScratchLayout} from './scratch-layout.js';
import type {Lanes} from './shaders/lanes.js';
import {MEASURE} from './shaders/measure.js';
import {LEVELS, NARROW, RADIX} from './shaders/radix.js';
import {NEW_SUMS, SCAN_SUMS} from './shaders/scan.js';
import {UNPACK} from './shaders/settle.js';
import {type Shader, THREADS} from './shaders/shader.js';

/** The pieces that kernels walk over, each with the tensors that it lies in, and what is whole for all of them. */
export interface Walk {
  recorder: Recorder;
  pieces: readonly Piece[];
  /** Buffers of the tensor that a piece lies in, by name. */
  tensorWords: (tensor: number) => Record<string, Words>;
  whole: Record<string, Words>;
  params: Params;
  scans: ScratchLayout['scans'];
}

/** One dispatch for each piece; `each` is how many elements a workgroup takes. */
export function forEachPiece(
  {recorder, pieces, tensorWords, whole, params}: Walk,
  shader: Shader | ((piece: Piece) => Shader),
  each: number | ((piece: Piece) => number),
  more: Params = {},
  calls?: Calls,
): void {
  for (const piece of pieces) {
    const {tensor, start, length, word} = piece;
    const eachOfPiece = typeof each === 'function' ? each(piece) : each;
    const groups = calls ?? Math.ceil(length / eachOfPiece);
    const own = {...params, ...more, size: length, word};
    const shaderOfPiece = typeof shader === 'function' ? shader(piece) : shader;
    recorder.dispatch(shaderOfPiece, groups, own, whole, tensorWords(tensor), {start, length});
  }
}

/** Elements of a workgroup whose threads take a word each. */
export const BY_WORD = 32 * THREADS;

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
  const {calls} = walk.recorder;
  forEachPiece(walk, UNPACK, BY_WORD, {}, calls);
  forEachPiece(walk, ({length}) => MEASURE[by][lanesOf(length)], 0, {again: 1}, calls);
}

function lanesOf(length: number): Lanes {
  return length % 4 === 0 ? 4 : 1;
}

/**
 * Finds the k-th distance among the candidates that a measuring pass has left, exactly: three levels of a radix
 * histogram over their bits. Then sorts them into those above it and the ties, and sums up both for `spread`.
 */
export function findKth(walk: Walk, source: keyof typeof RADIX, spread: Shader): void {
  const {recorder, whole, params} = walk;
  for (const level of LEVELS) {
    forEachPiece(walk, RADIX[source].histogram, 4 * BY_WORD, level);
    recorder.dispatch(NARROW, 1, {...params, ...level}, whole);
  }
  forEachPiece(walk, RADIX[source].classify, BY_WORD);
  scan(walk, 'new', NEW_SUMS, spread);
}

/**
 * Sums up over words: the sums of each workgroup's, their prefixes, and where it is given what each word is to get of
 * them.
 */
export function scan({recorder, whole, params, scans}: Walk, which: Scan, sums: Shader, spread?: Shader): void {
  const {words = 0} = params;
  const own = {...params, sums: scans[which]};
  const groups = Math.ceil(words / SCAN_WORDS);
  recorder.dispatch(sums, groups, own, whole);
  recorder.dispatch(SCAN_SUMS, 1, own, whole);
  if (spread) recorder.dispatch(spread, groups, own, whole);
}
