import {findCandidates} from './candidates.js';
import type {Eager} from './eager.js';
import {kthLargest} from './kth-largest.js';
import {distanceBits, finite, type Metric, type Weights} from './measure.js';
import type {Handle} from './node-backend.js';

/** What is to be selected from: rows of one silo, and where each begins in it. */
export interface Rows {
  values: readonly Handle[];
  seeds: readonly Handle[];
  starts: readonly number[];
  /** By what distances are multiplied, where they are. */
  weights?: readonly Weights[] | undefined;
}

/** The chosen elements: their places in the silo, ascending int64, what is proposed there and what the seed is. */
export interface Selection {
  places: Handle;
  values: Handle;
  seeds: Handle;
  size: number;
  /** The bits of the smallest distance that was chosen, 0 if none was. */
  threshold: number;
  /** How many values are not finite. */
  nonFinite: number;
}

/** About how many elements stand for all where a bound is guessed. */
const SAMPLE = 2 ** 16;
/** From so many elements on it pays to guess one. */
const LARGE = 2 ** 18;

const float = new Float32Array(1);
const floatBits = new Int32Array(float.buffer);

/**
 * The k elements that lie farthest from their seeds, of equal ones those of lowest place, none at distance zero.
 *
 * A bound is guessed from a sample, what may lie beyond it becomes a candidate in one pass, and the exact choice is
 * made among candidates. Where the guess was too high, all that moved are candidates.
 */
export function selectLargest(eager: Eager, rows: Rows, k: number, metric: Metric): Selection {
  const bound = guessBound(eager, rows, k, metric);
  return selectAbove(eager, rows, k, metric, bound) ?? selectAbove(eager, rows, k, metric, 0) ?? unreachable();
}

function unreachable(): never {
  throw new Error('a selection among all that moved fell short of its bound; expected none');
}

/** A distance that, as far as a sample can tell, somewhat more than k elements reach; 0 where it cannot. */
function guessBound(eager: Eager, {values, seeds, weights}: Rows, k: number, metric: Metric): number {
  const total = values.reduce((sum, {shape}) => sum + shape[0], 0);
  if (total < LARGE || k === 0) return 0;
  // Odd, so that it goes through all columns of the usual matrices.
  const stride = Math.floor(total / SAMPLE) | 1;
  let bits = 0;
  eager.tidy(() => {
    const every = (row: Handle) =>
      eager.run('StridedSlice', [row, eager.ints([0]), eager.ints([row.shape[0]]), eager.ints([stride])]);
    const sample = values.map((row, i) => {
      const own = weights?.[i];
      return distanceBits(eager, every(row), every(seeds[i]), metric, own?.of(every(own.row)));
    });
    const expected = k / stride;
    bits = kthLargest(eager, eager.concat(sample), Math.ceil(expected + 5 * Math.sqrt(expected) + 8)).bits;
    return undefined;
  });
  floatBits[0] = bits;
  return float[0];
}

/** Undefined where fewer than k lie at the bound or beyond, so that some may be missing. */
function selectAbove(eager: Eager, rows: Rows, k: number, metric: Metric, bound: number): Selection | undefined {
  let rest: Pick<Selection, 'size' | 'threshold' | 'nonFinite'> | undefined;
  const handles = eager.tidy(() => {
    const found = rows.values.map((row, i) => {
      const own = rows.weights?.[i];
      const {places, values, seeds, weights} = findCandidates(eager, row, rows.seeds[i], metric, bound, own);
      return {
        weights: weights && own ? [own.of(weights)] : [],
        places: rows.starts[i] === 0 ? places : eager.binary('AddV2', places, rows.starts[i]),
        values,
        seeds,
      };
    });
    const places = eager.concat(found.map((one) => one.places));
    const values = eager.concat(found.map((one) => one.values));
    const seeds = eager.concat(found.map((one) => one.seeds));
    const nonFinite = places.shape[0] - eager.count(finite(eager, values));

    const weights = found.flatMap((one) => one.weights);
    const bits = distanceBits(eager, values, seeds, metric, weights.length > 0 ? eager.concat(weights) : undefined);
    const kth = k === 0 ? {bits: 0x7fffffff, above: 0, tied: 0} : kthLargest(eager, bits, k);
    floatBits[0] = kth.bits;
    if (bound > 0 && float[0] < bound) return undefined;
    const room = kth.bits === 0 ? 0 : Math.min(kth.tied, k - kth.above);
    const chosen = eager.where(choose(eager, bits, kth.bits, room, kth.tied));
    const [size] = chosen.shape;
    const threshold = size === 0 ? 0 : kth.bits || smallest(eager, eager.gather(bits, chosen));
    rest = {size, threshold, nonFinite};
    return [eager.gather(places, chosen), eager.gather(values, chosen), eager.gather(seeds, chosen)];
  });
  return handles && rest && {places: handles[0], values: handles[1], seeds: handles[2], ...rest};
}

/** Elementwise, what lies above the k-th largest, and of what is equal to it the first `room`. */
function choose(eager: Eager, bits: Handle, kth: number, room: number, tied: number): Handle {
  if (kth > 0 && room === tied) return eager.binary('GreaterEqual', bits, kth);
  const above = eager.binary('Greater', bits, kth);
  if (room === 0) return above;
  const isTied = eager.binary('Equal', bits, kth);
  const rank = eager.run('Cumsum', [eager.cast(isTied, eager.int32), eager.scalar(0, eager.int32)]);
  const isIn = eager.run('LogicalAnd', [isTied, eager.binary('LessEqual', rank, room)]);
  return eager.run('LogicalOr', [above, isIn]);
}

function smallest(eager: Eager, bits: Handle): number {
  return eager.read(eager.run('Min', [bits, eager.ints([0])]))[0];
}
