import type {Random} from './random.js';

const SUBNORMAL = 2 ** -149;
const NORMAL = 2 ** -126;

/** Kinds of float32 values that kernels have been seen to get wrong, and plain ones. */
const KINDS = {
  /** Plain values. */
  normal: (random: Random) => random.normal(),
  /** Nothing but ties. */
  equal: () => 0.5,
  zero: () => 0,
  /** Few different values, so that ties straddle every k-th place. */
  ties: (random: Random) => random.pick([-1, -0.5, 0, 0.5, 1]),
  /** Both zeros, and little else. */
  zeros: (random: Random) => random.pick([0, -0, 0, -0, 1]),
  /** Values on both sides of the smallest normal number. */
  subnormal: (random: Random) =>
    random.pick([0, -0, SUBNORMAL, -3 * SUBNORMAL, NORMAL - SUBNORMAL, NORMAL, -NORMAL, 1.5 * NORMAL, 1e-30, -1e-40]),
  /** Values whose differences overflow. */
  huge: (random: Random) => random.pick([3.4e38, -3.4e38, 1e30, -2e38, 1]),
  nonFinite: (random: Random) =>
    random.pick([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, random.normal(), random.normal()]),
  /** Every bit pattern alike, NaN among them. */
  anyBits: (random: Random) => new Float32Array(Uint32Array.of(random.bits()).buffer)[0],
} as const;

export type Kind = keyof typeof KINDS;

export const ALL_KINDS = Object.keys(KINDS) as Kind[];

/** n values of a kind. */
export function valuesOf(kind: Kind, n: number, random: Random): Float32Array {
  return Float32Array.from({length: n}, () => KINDS[kind](random));
}
