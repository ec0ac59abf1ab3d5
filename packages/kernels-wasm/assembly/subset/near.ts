import {DECAY_TO_ZERO, INFINITE, Job} from './job';
import {C0, C1, C2, C3, C4_SQUARED, KEEP, MAGNITUDES, NEAR, SCALE, SHARE, TINY} from './tables';

/*
 * Most elements of a small budget lie far below the window, and Adam's root and division take longer than all the rest
 * of a step. So that is shown without them. With t = c3·m the proposal lies t / (√v + c4) from the current value, and
 * (√v + c4)² ≥ v + c4², so where
 *
 *   t² < s² · (v + c4²),   s = low − |Θ| · (decay + rounding),
 *
 * the distance is below `low`, whatever the proposal's own rounding: 2⁻²¹ of Θ and 2⁻¹⁸ of the bound are more than all
 * operations on the way round by. Such a proposal is also finite. What underflows on the left is less than TINY.
 */

/** 2⁶³: a bound from here on would overflow when squared. */
const LARGEST_BOUND: f64 = 9223372036854775808.0;
/** 2⁻¹²⁰, as bits. */
const UNDERFLOW: i32 = 0x03800000;

/** Writes what {@link updateAndFindNear} compares with, for a window from `job.low` on. */
export function writeBounds(job: Job): void {
  const tables = job.tables;
  const low = job.low < INFINITE ? min(<f64>reinterpret<f32>(job.low), LARGEST_BOUND) : LARGEST_BOUND;
  // Decay towards the seed does not move what equals it.
  const decay: f64 = job.decay == DECAY_TO_ZERO ? abs(1 - <f64>job.decayFactor) : 0;
  v128.store(tables, f32x4.splat(<f32>(low * (1 - 1.0 / 262144))), NEAR);
  v128.store(tables, f32x4.splat(<f32>(decay * 1.001 + 1.0 / 2097152)), SHARE);
  v128.store(tables, f32x4.splat(job.c4 * job.c4), C4_SQUARED);
  v128.store(tables, i32x4.splat(UNDERFLOW), TINY);
  v128.store(tables, f32x4.splat(job.decay == DECAY_TO_ZERO ? job.decayFactor : 1), KEEP);
}

/**
 * Updates a word's slots by Adam where `fresh`, and makes the new values the current ones. All gradients must be finite.
 *
 * @returns the elements whose proposals may lie as far from the current value as the window
 */
export function updateAndFindNear(
  tables: usize,
  fresh: bool,
  theta: usize,
  gradient: usize,
  slot0: usize,
  slot1: usize,
  out: usize,
): u32 {
  const scale = v128.load(tables, SCALE);
  const c0 = v128.load(tables, C0);
  const c1 = v128.load(tables, C1);
  const c2 = v128.load(tables, C2);
  const c3 = v128.load(tables, C3);
  const c4Squared = v128.load(tables, C4_SQUARED);
  const near = v128.load(tables, NEAR);
  const share = v128.load(tables, SHARE);
  const tiny = v128.load(tables, TINY);
  const magnitudes = v128.load(tables, MAGNITUDES);
  const zero = f32x4.splat(0);
  let far: u32 = 0;
  for (let at: usize = 0; at < 128; at += 16) {
    let m = v128.load(slot0 + at);
    let v = v128.load(slot1 + at);
    if (fresh) {
      const g = f32x4.mul(v128.load(gradient + at), scale);
      m = f32x4.add(m, f32x4.mul(c0, f32x4.sub(g, m)));
      v128.store(slot0 + at, m);
      v = f32x4.add(f32x4.mul(v, c1), f32x4.mul(f32x4.mul(c2, g), g));
      v128.store(slot1 + at, v);
    }
    const value = v128.load(theta + at);
    v128.store(out + at, value);
    const t = f32x4.mul(c3, m);
    const s = f32x4.pmax(zero, f32x4.sub(near, f32x4.mul(v128.and(value, magnitudes), share)));
    const isFar = f32x4.lt(
      f32x4.add(f32x4.mul(t, t), tiny),
      f32x4.mul(f32x4.mul(s, s), f32x4.add(v, c4Squared)),
    );
    far = (far >>> 4) | ((i32x4.bitmask(isFar) as u32) << 28);
  }
  return ~far;
}
