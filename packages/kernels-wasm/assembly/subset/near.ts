import {bitsOf} from './choose';
import {DECAY_TO_ZERO, INFINITE, Job} from './job';
import {C0, C1, C2, DECAY, LARGE, MAGNITUDES, NEAR, NEAR_AT_ZERO, SCALE} from './tables';

/*
 * Most elements of a small budget lie far below the window, and Adam's root and division take longer than all the rest
 * of a step. So that is shown without them. The proposal lies c3·m / (√v + c4) from the decayed value, and
 * (√v + c4)² ≥ v + c4², so where
 *
 *   m² < s² · (v + c4²),   s = low · (1 − 2⁻⁶ − 2⁻¹⁷) / c3,   |Θ| · (decay + rounding) ≤ low · 2⁻⁶,
 *
 * the distance is below `low`, whatever the proposal's own rounding: 2⁻²¹ of Θ and 2⁻¹⁷ of the bound are more than all
 * operations on the way round by. Such a proposal is also finite.
 */

/** The share of `low` that decay and rounding may move a value by. */
const SLACK: f64 = 1.0 / 64;
/** 2⁶³: a bound from here on would overflow when squared. */
const LARGEST_BOUND: f64 = 9223372036854775808.0;
/** 2⁻¹²⁰: more than what underflows. */
const UNDERFLOW: f64 = 7.52316384526264e-37;

/** Writes what {@link updateAndFindNear} compares with, for a window from `job.low` on. */
export function writeBounds(job: Job): void {
  const tables = job.tables;
  const low = job.low < INFINITE ? <f64>reinterpret<f32>(job.low) : LARGEST_BOUND;
  const c4 = <f64>job.c4;
  // Decay towards the seed does not move what equals it.
  const decay: f64 = job.decay == DECAY_TO_ZERO ? abs(1 - <f64>job.decayFactor) : 0;
  const large = min((low * SLACK) / (decay * 1.001 + 1.0 / 2097152), LARGEST_BOUND);
  const s = min((low * (1 - SLACK - 1.0 / 131072)) / abs(<f64>job.c3), LARGEST_BOUND);
  v128.store(tables, f32x4.splat(<f32>(s * s)), NEAR);
  v128.store(tables, f32x4.splat(<f32>(s * s * c4 * c4 - UNDERFLOW)), NEAR_AT_ZERO);
  v128.store(tables, f32x4.splat(<f32>large), LARGE);
  v128.store(tables, f32x4.splat(job.decay ? job.decayFactor : 1), DECAY);
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
  const near = v128.load(tables, NEAR);
  const nearAtZero = v128.load(tables, NEAR_AT_ZERO);
  const magnitudes = v128.load(tables, MAGNITUDES);
  let largest = i32x4.splat(0);
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
    largest = i32x4.max_s(largest, v128.and(value, magnitudes));
    const isFar = f32x4.lt(f32x4.mul(m, m), f32x4.add(f32x4.mul(near, v), nearAtZero));
    far = (far >>> 4) | ((i32x4.bitmask(isFar) as u32) << 28);
  }
  return v128.any_true(i32x4.gt_s(largest, v128.load(tables, LARGE))) ? 0xffffffff : ~far;
}
