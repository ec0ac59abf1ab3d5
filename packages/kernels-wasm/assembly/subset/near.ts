import {DECAY_TO_ZERO, INFINITE, Job} from './job';
import {
  C0,
  C1,
  C2,
  C4_SQUARED,
  DECAY,
  LARGE,
  MAGNITUDES,
  NEAR,
  NEAR_AT_ZERO,
  REACH,
  SCALE,
  SHARE,
  TINY,
} from './tables';

/*
 * Most elements of a small budget lie far below the window, and Adam's root and division take longer than all the rest
 * of a step. So that is shown without them. The proposal lies c3·m / (√v + c4) from the decayed value, and
 * (√v + c4)² ≥ v + c4², so where
 *
 *   m² < s² · (v + c4²),   s = (low · (1 − 2⁻¹⁶) − |Θ| · (decay + rounding)) / c3,
 *
 * the distance is below `low`, whatever the proposal's own rounding: 2⁻²¹ of Θ and 2⁻¹⁶ of the bound are more than all
 * operations on the way round by. Such a proposal is also finite. Where nothing in a word is so large that its share is
 * over 2⁻⁷ of `low`, its share counts as that.
 */

/** The share of `low` that decay and rounding move a value by, at most, without a closer look. */
const SLACK: f64 = 1.0 / 128;
/** What is kept off the bound for rounding. */
const ROUNDED: f64 = 1 - 1.0 / 65536;
/** 2⁶³: a bound from here on would overflow when squared. */
const LARGEST_BOUND: f64 = 9223372036854775808.0;
/** 2⁻¹²⁰: more than what underflows. */
const UNDERFLOW: f64 = 7.52316384526264e-37;

/*
 * A distance that is weighed by √v / √correction2 and whose seed is the current value is at most
 * c3·|m| / √correction2 + |Θ| · share · √v / √correction2, for √v / (√v + c4) ≤ 1. So it lies below `low` where
 *
 *   m² < s²,   s = low · (1 − 2⁻¹⁶ − 2⁻⁷) · √correction2 / c3,
 *
 * unless |Θ|·√v is so large that its share is over 2⁻⁷ of `low`; all of such a word counts as near. What subnormals may
 * alter is nothing beside a window from 2⁻⁶⁰ on where v is at most 2⁴⁰: a word with more counts as near too.
 */
const LEAST_WEIGHED: i32 = 0x21800000;
const MOST_SQUARE: f64 = 1099511627776.0;
const LEAST_ROOT: f32 = 1.0 / 65536;
/** 2¹⁰⁰: times c4 more than a step divided by it may be, or it could overflow. */
const LONGEST: f64 = 1267650600228229401496703205376.0;

/** Whether {@link updateAndFindNear} can tell what lies far below a window of weighed distances. */
export function canWeighQuickly(job: Job): bool {
  if (job.low < LEAST_WEIGHED || job.low >= INFINITE || job.root2 < LEAST_ROOT) return false;
  return <f64>reinterpret<f32>(job.low) * job.root2 < LONGEST * job.c4;
}

/** Writes what {@link updateAndFindNear} compares with, for a window from `job.low` on. */
export function writeBounds(job: Job): void {
  const tables = job.tables;
  const low = job.low < INFINITE ? <f64>reinterpret<f32>(job.low) : LARGEST_BOUND;
  const c4 = <f64>job.c4;
  // Decay towards the seed does not move what equals it.
  const decay: f64 = job.decay == DECAY_TO_ZERO ? abs(1 - <f64>job.decayFactor) : 0;
  const share = decay * 1.001 + 1.0 / 2097152;
  const c3 = abs(<f64>job.c3);
  if (job.weighed) {
    const root2 = <f64>job.root2;
    const s = min((low * (ROUNDED - SLACK) * root2) / c3, LARGEST_BOUND);
    const most = min((low * SLACK * root2) / share, LARGEST_BOUND);
    v128.store(tables, f32x4.splat(<f32>max(0, s * s - UNDERFLOW)), NEAR);
    v128.store(tables, f32x4.splat(<f32>(most * most * (ROUNDED * ROUNDED))), LARGE);
    v128.store(tables, f32x4.splat(<f32>((most * most) / MOST_SQUARE)), SHARE);
    v128.store(tables, f32x4.splat(job.decay ? job.decayFactor : 1), DECAY);
    return;
  }
  const s = min((low * (ROUNDED - SLACK)) / c3, LARGEST_BOUND);
  v128.store(tables, f32x4.splat(<f32>(s * s)), NEAR);
  v128.store(tables, f32x4.splat(<f32>(s * s * c4 * c4 - UNDERFLOW)), NEAR_AT_ZERO);
  v128.store(tables, f32x4.splat(<f32>min((low * SLACK) / share, LARGEST_BOUND)), LARGE);
  v128.store(tables, f32x4.splat(<f32>min((low * ROUNDED) / c3, LARGEST_BOUND)), REACH);
  v128.store(tables, f32x4.splat(<f32>((share * 1.001) / c3)), SHARE);
  v128.store(tables, f32x4.splat(job.c4 * job.c4), C4_SQUARED);
  v128.store(tables, f32x4.splat(<f32>UNDERFLOW), TINY);
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
  return updateAndFind(tables, fresh, theta, gradient, slot0, slot1, out, false);
}

/** {@link updateAndFindNear} for distances that are weighed. */
export function updateAndFindHeavy(
  tables: usize,
  fresh: bool,
  theta: usize,
  gradient: usize,
  slot0: usize,
  slot1: usize,
  out: usize,
): u32 {
  return updateAndFind(tables, fresh, theta, gradient, slot0, slot1, out, true);
}

/** Inlined, so that there is one for each of the two. */
@inline
function updateAndFind(
  tables: usize,
  fresh: bool,
  theta: usize,
  gradient: usize,
  slot0: usize,
  slot1: usize,
  out: usize,
  weighs: bool,
): u32 {
  const scale = v128.load(tables, SCALE);
  const c0 = v128.load(tables, C0);
  const c1 = v128.load(tables, C1);
  const c2 = v128.load(tables, C2);
  const near = v128.load(tables, NEAR);
  const nearAtZero = v128.load(tables, NEAR_AT_ZERO);
  const magnitudes = v128.load(tables, MAGNITUDES);
  const share = v128.load(tables, SHARE);
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
    // As bits, since a maximum of floats takes several instructions; what is no number is the largest, whatever its sign.
    largest = weighs
      ? i32x4.max_u(largest, f32x4.mul(v, f32x4.add(f32x4.mul(value, value), share)))
      : i32x4.max_s(largest, v128.and(value, magnitudes));
    const isFar = f32x4.lt(f32x4.mul(m, m), weighs ? near : f32x4.add(f32x4.mul(near, v), nearAtZero));
    far = (far >>> 4) | ((i32x4.bitmask(isFar) as u32) << 28);
  }
  const bound = v128.load(tables, LARGE);
  if (weighs) {
    return i32x4.all_true(f32x4.lt(largest, bound)) ? ~far : 0xffffffff;
  }
  return v128.any_true(i32x4.gt_s(largest, bound)) ? findNear(tables, theta, slot0, slot1) : ~far;
}

/** The near elements of a word in which some are large: each by its own share. */
function findNear(tables: usize, theta: usize, slot0: usize, slot1: usize): u32 {
  const magnitudes = v128.load(tables, MAGNITUDES);
  const reach = v128.load(tables, REACH);
  const share = v128.load(tables, SHARE);
  const c4Squared = v128.load(tables, C4_SQUARED);
  const tiny = v128.load(tables, TINY);
  const zero = f32x4.splat(0);
  let far: u32 = 0;
  for (let at: usize = 0; at < 128; at += 16) {
    const size = v128.and(v128.load(theta + at), magnitudes);
    const s = f32x4.pmax(zero, f32x4.sub(reach, f32x4.mul(size, share)));
    const m = v128.load(slot0 + at);
    const bound = f32x4.mul(f32x4.mul(s, s), f32x4.add(v128.load(slot1 + at), c4Squared));
    far = (far >>> 4) | ((i32x4.bitmask(f32x4.lt(f32x4.add(f32x4.mul(m, m), tiny), bound)) as u32) << 28);
  }
  return ~far;
}
