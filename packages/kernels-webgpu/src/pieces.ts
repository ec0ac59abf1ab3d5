import {MEASURED} from './shaders/measure.js';

/** A part of one of a silo's tensors that one dispatch works on. */
export interface Piece {
  tensor: number;
  start: number;
  length: number;
  /** Its first word of the mask. */
  word: number;
}

/** Cuts the tensors into pieces of at most `longest` elements. A piece starts with a workgroup's elements. */
export function cutIntoPieces(sizes: readonly number[], longest: number): Piece[] {
  const step = Math.floor(longest / MEASURED) * MEASURED;
  let first = 0;
  return sizes.flatMap((size, tensor) => {
    const pieces = Array.from({length: Math.ceil(size / step)}, (_, i): Piece => {
      const start = i * step;
      return {tensor, start, length: Math.min(step, size - start), word: first + start / 32};
    });
    first += Math.ceil(size / 32);
    return pieces;
  });
}
