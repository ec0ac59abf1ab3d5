import type {Eager} from './eager.js';
import type {Metric, Weights} from './measure.js';
import type {Handle} from './node-backend.js';
import {eightfold} from './subset-mask.js';

/** Elements that are looked at together: what that takes is all the memory that finding candidates needs. */
const CHUNK = 2 ** 21;

/** Below this bound, times η for the relative distance, what is subnormal could blur a comparison. */
const CLEAR = 2 ** -100;
/** By how much a comparison may be off that a device computes in its own way. */
const SLACK = 1 - 2 ** -18;

/** Elements of a row: their places, ascending int64, their values and their seeds, and their weights as they are kept. */
export interface Candidates {
  places: Handle;
  values: Handle;
  seeds: Handle;
  weights?: Handle;
}

/**
 * All elements whose distance from their seed may be `bound` or more, and all that are not finite; some others may be
 * among them. With a bound of 0, all that are farther than zero.
 *
 * One pass over `a` and `b` where the distance is absolute, for TensorFlow has an op that compares |a−b|.
 */
export function findCandidates(
  eager: Eager,
  a: Handle,
  b: Handle,
  metric: Metric,
  bound: number,
  weights?: Weights,
): Candidates {
  const size = a.shape[0];
  const isNear = bound * (metric.distance === 'relative' ? metric.eta : 1) >= CLEAR ? nearerThan : unmoved;
  const pieces: Handle[][] = [];
  const [places, values, seeds, ...own] = eager.tidy(() => {
    for (let start = 0; start < size; start += CHUNK) {
      const length = Math.min(CHUNK, size - start);
      const piece = eager.tidy(() => {
        const values = eager.slice(a, start, length);
        const seeds = eager.slice(b, start, length);
        const raw = weights ? [eager.slice(weights.row, start, length)] : [];
        const near = eager.tidy(() => isNear(eager, values, seeds, metric, bound * SLACK, weights?.of(raw[0])));
        const places = whereFalse(eager, near);
        // Here, where both are still in the processor's cache.
        const found = [values, seeds, ...raw].map((row) => eager.gather(row, places));
        return [eager.binary('AddV2', places, start), ...found];
      });
      pieces.push(piece);
    }
    return pieces[0].map((_, i) => eager.concat(pieces.map((piece) => piece[i])));
  });
  return {places, values, seeds, ...(weights && {weights: own[0]})};
}

/** Elementwise false where the distance may be `bound` or more, or is NaN. */
function nearerThan(
  eager: Eager,
  a: Handle,
  b: Handle,
  {distance, eta}: Metric,
  bound: number,
  weights?: Handle,
): Handle {
  if (distance === 'absolute' && !weights)
    return eager.run('ApproximateEqual', [a, b], [eager.real('tolerance', bound)]);
  const difference = eager.run('Abs', [eager.run('Sub', [a, b])]);
  const seed = eager.run('Abs', [b]);
  const result = {
    absolute: () => difference,
    relative: () => eager.run('RealDiv', [difference, eager.binary('AddV2', seed, Math.fround(eta))]),
    weighted: () => eager.run('Mul', [difference, seed]),
  }[distance]();
  // An infinite difference makes NaN of a seed that is zero, which is less than nothing.
  if (!weights) return eager.binary('Less', result, bound);
  // So heavy that it would be blurred too: not near.
  const isLight = eager.binary('Less', weights, bound / CLEAR);
  return eager.run('LogicalAnd', [eager.binary('Less', eager.run('Mul', [result, weights]), bound), isLight]);
}

/** Elementwise true where a value is its seed, and finite. */
function unmoved(eager: Eager, a: Handle, b: Handle): Handle {
  return eager.run('LogicalAnd', [eager.run('Equal', [a, b]), eager.run('IsFinite', [a])]);
}

/** The places, ascending int64, where a row of bool is false: eight at a time, for few are. */
function whereFalse(eager: Eager, condition: Handle): Handle {
  return eager.tidy(() => {
    const bytes = eager.cast(condition, eager.uint8);
    const [length] = condition.shape;
    const missing = -length & 7;
    const padded = missing === 0 ? bytes : eager.concat([bytes, eager.fill(missing, 1, eager.uint8)]);
    const groups = eager.bitcast(eager.reshape(padded, [(length + missing) / 8, 8]), eager.int64);
    // Eight bytes that are all 1.
    const allTrue = eager.bitcast(eager.fill(8, 1, eager.uint8), eager.int64);
    const used = eager.where(eager.run('NotEqual', [groups, allTrue]));
    const bits = eager.binary('Equal', eager.bitcast(eager.gather(groups, used), eager.uint8), 0);
    return eightfold(eager, used, bits);
  });
}
