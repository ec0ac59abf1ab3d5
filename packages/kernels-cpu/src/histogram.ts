import {INFINITE, SMALLEST} from './bits.js';
import {isDistance} from './measure.js';
import {scratch} from './scratch.js';
import {LISTED, type Limits} from './settle.js';

const {distanceBits} = scratch;

/** A distance's high bits, sign, exponent and eight of the mantissa, are its bin; its low bits are its place there. */
const LOW_BITS = 15;
const LOW = (1 << LOW_BITS) - 1;
const BINS = (INFINITE >>> LOW_BITS) + 1;

/** Fills the block's distances piece by piece and calls `visit` with the length of each. */
export type Stream = (visit: (length: number) => void) => void;

/** The k-th largest of a stream's distances, and how many that equal it are among the k largest. */
export interface Threshold {
  /** As bits; 0 where no distance is greater than zero. */
  threshold: number;
  ties: number;
}

/**
 * The exact k-th largest distance, or the smallest above zero where fewer than k are. Reads the stream twice: a
 * histogram over the high bits finds the bin, one over the low bits the place in it. 384 KiB of counts.
 */
export function exactThreshold(stream: Stream, k: number): Threshold {
  const high = countHigh(stream);
  const total = high.reduce((sum, count) => sum + count, 0);
  if (total === 0 || k === 0) return {threshold: 0, ties: 0};
  const {bin, rest} = descend(high, Math.min(k, total));
  const low = new Int32Array(LOW + 1);
  stream((length) => {
    for (let j = 0; j < length; j++) {
      const bits = distanceBits[j];
      if (bits >>> LOW_BITS === bin && (bits < INFINITE || isDistance(j))) low[bits & LOW]++;
    }
  });
  const place = descend(low, rest);
  return {threshold: (bin << LOW_BITS) | place.bin, ties: place.rest};
}

/**
 * Bits between which the k-th largest of n distances should lie, judging by a stream that has some of them.
 *
 * @param room how many of the n may lie between
 */
export function sampledWindow(stream: Stream, k: number, n: number, room: number): Limits {
  let size = 0;
  const high = countHigh((visit) =>
    stream((length) => {
      size += length;
      visit(length);
    }),
  );
  const share = size / n;
  const rank = k * share;
  const spread = Math.min(8 * Math.sqrt(rank * (1 - k / n)) + 8, 0.35 * room * share);
  return {least: atRank(high, rank + spread, room * share), most: atRank(high, rank - spread, 0), ties: LISTED};
}

function countHigh(stream: Stream): Int32Array {
  const counts = new Int32Array(BINS);
  stream((length) => {
    for (let j = 0; j < length; j++) {
      const bits = distanceBits[j];
      if (bits >= SMALLEST && (bits < INFINITE || isDistance(j))) counts[bits >>> LOW_BITS]++;
    }
  });
  return counts;
}

/** The bin that holds the k-th from the top, and which of its own that is. */
function descend(counts: Int32Array, k: number): {bin: number; rest: number} {
  let bin = counts.length - 1;
  let rest = k;
  while (counts[bin] < rest) rest -= counts[bin--];
  return {bin, rest};
}

/**
 * The bits of the distance of a rank, which need be no integer: the lower end of its bin, or where that would let in
 * much more than `room`, as if the bin were filled evenly.
 */
function atRank(counts: Int32Array, rank: number, room: number): number {
  if (rank <= 0) return INFINITE;
  let rest = rank;
  let bin = counts.length - 1;
  while (bin > 0 && rest > counts[bin]) rest -= counts[bin--];
  const bits = bin << LOW_BITS;
  if (4 * counts[bin] <= room) return Math.max(SMALLEST, bits);
  return Math.max(SMALLEST, bits + Math.floor((1 - rest / counts[bin]) * LOW));
}
