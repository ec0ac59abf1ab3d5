import {multiplyBlocks} from './blocks';
import {clear, multiplyRows} from './rows';

/** Below this many rows nothing is packed; nor, where long rows of B are columns of op(B), up to this many. */
const fewRows: i32 = 4;
const fewDots: i32 = 8;
const longDepth: i32 = 128;

/**
 * `batch` products C = op(A)·op(B), or C += … where `accumulate`: op(A) is m × k, op(B) k × n. Of each matrix: where the
 * first lies, how many bytes further its next row lies, and how many the next product's matrix (0: the same again). Rows
 * are those in memory, before op.
 */
export function multiply(
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  bRow: usize,
  bStep: usize,
  c: usize,
  cRow: usize,
  cStep: usize,
  batch: i32,
  m: i32,
  n: i32,
  k: i32,
  transposeA: bool,
  transposeB: bool,
  accumulate: bool,
  scratch: usize,
): void {
  // A single column of op(A)ᵀ that lies end to end is the row that it is.
  if (m === 1 && aRow === 4) transposeA = false;
  const few = m < fewRows || (transposeB && m <= fewDots && k >= longDepth);
  for (; batch > 0; batch--, a += aStep, b += bStep, c += cStep) {
    if (k === 0) clear(c, cRow, m, n, accumulate);
    else if (few && !transposeA) multiplyRows(a, aRow, b, bRow, c, cRow, m, n, k, transposeB, accumulate);
    else multiplyBlocks(a, aRow, b, bRow, c, cRow, m, n, k, transposeA, transposeB, accumulate, scratch);
  }
}
