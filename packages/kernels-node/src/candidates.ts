import type {Eager} from './eager.js';
import type {Metric} from './measure.js';
import type {Handle} from './node-backend.js';
import {eightfold} from './subset-mask.js';

/** Elements that are looked at together: what that takes is all the memory that finding candidates needs. */
const CHUNK = 2 ** 22;

/** Below this bound, times η for the relative distance, what is subnormal could blur a comparison. */
const CLEAR = 2 ** -100;
/** By how much a comparison may be off that a device computes in its own way. */
const SLACK = 1 - 2 ** -18;

/**
 * The places, ascending int64, of all elements whose distance from their seed may be `bound` or more, and of all that are
 * not finite; some others may be among them. With a bound of 0, of all that are farther than zero.
 *
 * One pass over `a` and `b` where the distance is absolute, for TensorFlow has an op that compares |a−b|.
 */
export function candidates(eager: Eager, a: Handle, b: Handle, metric: Metric, bound: number): Handle {
  const size = a.shape[0];
  const isNear = bound * (metric.distance === 'relative' ? metric.eta : 1) >= CLEAR ? nearerThan : unmoved;
  const pieces: Handle[] = [];
  return eager.tidy(() => {
    for (let start = 0; start < size; start += CHUNK) {
      const length = Math.min(CHUNK, size - start);
      const piece = eager.tidy(() => {
        const near = eager.tidy(() =>
          isNear(eager, eager.slice(a, start, length), eager.slice(b, start, length), metric, bound * SLACK),
        );
        return eager.binary('AddV2', whereFalse(eager, near), start);
      });
      pieces.push(piece);
    }
    return eager.concat(pieces);
  });
}

/** Elementwise false where the distance may be `bound` or more, or is NaN. */
function nearerThan(eager: Eager, a: Handle, b: Handle, {distance, eta}: Metric, bound: number): Handle {
  if (distance === 'absolute') return eager.run('ApproximateEqual', [a, b], [eager.real('tolerance', bound)]);
  const difference = eager.run('Abs', [eager.run('Sub', [a, b])]);
  const seed = eager.run('Abs', [b]);
  const result =
    distance === 'weighted'
      ? eager.run('Mul', [difference, seed])
      : eager.run('RealDiv', [difference, eager.binary('AddV2', seed, Math.fround(eta))]);
  // An infinite difference makes NaN of a seed that is zero, which is less than nothing.
  return eager.binary('Less', result, bound);
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
