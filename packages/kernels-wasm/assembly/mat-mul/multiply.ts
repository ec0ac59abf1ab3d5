import {multiplyBlocks} from './blocks';
import {multiplyRows} from './rows';

/** Below this many rows nothing is packed; nor, where long rows of B are columns of op(B), up to this many. */
const fewRows: i32 = 4;
const fewDots: i32 = 8;
const longDepth: i32 = 128;

/**
 * `batch` products C = op(A)·op(B), or C += … where `accumulate`: op(A) is m × k, op(B) k × n. The operands of the next
 * product lie aStep and bStep on (0: the same again), the results end to end.
 */
export function multiply(
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  c: usize,
  batch: i32,
  m: i32,
  n: i32,
  k: i32,
  transposeA: bool,
  transposeB: bool,
  accumulate: bool,
  scratch: usize,
): void {
  const cStep = (<usize>m * <usize>n) << 2;
  if (k === 0) {
    if (!accumulate) memory.fill(c, 0, <usize>batch * cStep);
    return;
  }
  // A single column of op(A)ᵀ lies in memory as the row that it is.
  if (m === 1) transposeA = false;
  const few = m < fewRows || (transposeB && m <= fewDots && k >= longDepth);
  for (; batch > 0; batch--, a += aStep, b += bStep, c += cStep) {
    if (few && !transposeA) multiplyRows(a, b, c, m, n, k, transposeB, accumulate);
    else multiplyBlocks(a, b, c, m, n, k, transposeA, transposeB, accumulate, scratch);
  }
}
