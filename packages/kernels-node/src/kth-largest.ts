import type {Eager} from './eager.js';
import type {Handle} from './node-backend.js';

/** Both halves of a float's bits; of the upper one the sign is never set. */
const LOW_BITS = 16;
const LOW_VALUES = 2 ** LOW_BITS;
const HIGH_VALUES = 2 ** (31 - LOW_BITS);

/** The k-th largest of a row, by its bits. */
export interface Kth {
  /** The bits, 0 where fewer than k are positive. */
  bits: number;
  /** How many lie above, and how many are equal to it. */
  above: number;
  tied: number;
}

/**
 * The exact k-th largest of distances, given as bits: a histogram of the upper halves, then one of the lower halves
 * within the bucket that holds it. Two passes and two small readings.
 *
 * @param k at least 1
 */
export function kthLargest(eager: Eager, bits: Handle, k: number): Kth {
  let result: Kth = {bits: 0, above: 0, tied: 0};
  if (bits.shape[0] === 0) return result;
  eager.tidy(() => {
    const high = eager.binary('RightShift', bits, LOW_BITS);
    const upper = descend(histogram(eager, high, HIGH_VALUES), k);
    const low = eager.binary('BitwiseAnd', bits, LOW_VALUES - 1);
    // What lies in no bin is not counted.
    const inBucket = eager.select(eager.binary('Equal', high, upper.bin), low, LOW_VALUES);
    const lower = descend(histogram(eager, inBucket, LOW_VALUES), k - upper.above);
    const kth = upper.bin * LOW_VALUES + lower.bin;
    result = {bits: kth, above: upper.above + lower.above, tied: lower.count};
    return undefined;
  });
  return result;
}

function histogram(eager: Eager, values: Handle, bins: number): Int32Array {
  const size = eager.scalar(bins, eager.int32);
  return eager.read(eager.run('Bincount', [values, size, eager.ints([])]));
}

/** The bin that holds the k-th from above. */
function descend(histogram: Int32Array, k: number): {bin: number; above: number; count: number} {
  let above = 0;
  let bin = histogram.length - 1;
  while (bin > 0 && above + histogram[bin] < k) above += histogram[bin--];
  return {bin, above, count: histogram[bin]};
}
