/** Pieces start at a multiple of this, with a whole word of the mask, and where a binding may begin. */
const STEP = 8192;

/** A part of one of a silo's tensors that one dispatch works on. */
export interface Piece {
  tensor: number;
  start: number;
  length: number;
  /** Its first word of the mask. */
  word: number;
}

/**
 * Cuts the tensors into pieces of at most `longest` elements. The length of each is a multiple
 * of four, but for the last of a tensor.
 */
export function cutIntoPieces(sizes: readonly number[], longest: number): Piece[] {
  const step = Math.floor(longest / STEP) * STEP;
  const pieces: Piece[] = [];
  let first = 0;
  sizes.forEach((size, tensor) => {
    const even = size % 4 === 0 ? size : Math.floor(size / STEP) * STEP;
    for (let start = 0, length: number; start < size; start += length) {
      length = Math.min(step, (start < even ? even : size) - start);
      pieces.push({tensor, start, length, word: first + start / 32});
    }
    first += Math.ceil(size / 32);
  });
  return pieces;
}
