import type {AdamNumbers, Distance} from '@subset-tuning/kernels';
import type {Eager} from './eager.js';
import type {Handle} from './node-backend.js';

/** The float32 bits of infinity. Above them lie those of NaN. */
const INFINITE = 0x7f800000;
/** The float32 bits of the smallest normal number. */
const NORMAL = 0x00800000;
/** Every bit but the sign. */
const MAGNITUDE = 0x7fffffff;

/** Which distance a selection goes by. */
export interface Metric {
  distance: Distance;
  eta: number;
}

/** By what the distances of a row are multiplied. */
export interface Weights {
  row: Handle;
  /** The weights of a piece of the row: none is negative or subnormal. */
  of: (piece: Handle) => Handle;
}

/** Importances as they are given. */
export function givenWeights(eager: Eager, row: Handle): Weights {
  return {row, of: (piece) => eager.tidy(() => eager.run('Abs', [flush(eager, piece)]))};
}

/** √v̂ of Adam's second moments. */
export function fisherWeights(eager: Eager, row: Handle, {correction2}: Pick<AdamNumbers, 'correction2'>): Weights {
  const root = Math.fround(Math.sqrt(correction2));
  return {
    row,
    of: (piece) => eager.tidy(() => eager.binary('RealDiv', eager.run('Sqrt', [flush(eager, piece)]), root)),
  };
}

/** The bits of |x| as int32: so no thread's handling of subnormals matters. */
function magnitudeBits(eager: Eager, x: Handle): Handle {
  return eager.binary('BitwiseAnd', eager.bitcast(x, eager.int32), MAGNITUDE);
}

/** Elementwise, whether x is neither infinite nor NaN. */
export function finite(eager: Eager, x: Handle): Handle {
  return eager.tidy(() => eager.binary('Less', magnitudeBits(eager, x), INFINITE));
}

/**
 * The bits of the distance of each of `a` from its seed in `b`, as int32: they order as the distances do. As
 * `distanceBetween` has it, weighed where weights are given, whatever the device does to subnormals, for those are found by their bits.
 */
export function distanceBits(eager: Eager, a: Handle, b: Handle, {distance, eta}: Metric, weights?: Handle): Handle {
  return eager.tidy(() => {
    const seed = flush(eager, b);
    const difference = flush(eager, eager.run('Abs', [eager.run('Sub', [flush(eager, a), seed])]));
    const result = {
      absolute: () => difference,
      relative: () =>
        eager.run('RealDiv', [difference, eager.binary('AddV2', eager.run('Abs', [seed]), Math.fround(eta))]),
      weighted: () => eager.run('Mul', [difference, eager.run('Abs', [seed])]),
    }[distance]();
    const weighed = weights ? eager.run('Mul', [flush(eager, result), weights]) : result;
    const bits = eager.bitcast(weighed, eager.int32);
    const isDistance = eager.run('LogicalAnd', [
      eager.binary('GreaterEqual', bits, NORMAL),
      eager.binary('LessEqual', bits, INFINITE),
    ]);
    return eager.select(eager.run('LogicalAnd', [isDistance, finite(eager, a)]), bits, 0);
  });
}

/** x with what is subnormal turned into zero. */
function flush(eager: Eager, x: Handle): Handle {
  return eager.tidy(() => eager.select(eager.binary('Less', magnitudeBits(eager, x), NORMAL), 0, x));
}
