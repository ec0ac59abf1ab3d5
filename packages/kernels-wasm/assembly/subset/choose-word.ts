import {addCandidates} from './candidates';
import {flush, measure, weigh} from './distance';
import {DECAY_TO_SEED, INFINITE, Job, MASK} from './job';
import {addChange} from './log';
import {expandFour, expandSeeds, packedSeeds, seedAt} from './seeds';
import {BELOW_HIGH, BELOW_LOW, C3, C4, DECAY, DISTANCES, LANES, MAGNITUDES, SEEDS} from './tables';

/* What becomes of a word once its proposals are made. What the functions take is as in `choose-block.ts`. */

/** Whether every distance of a word lies below the window. */
export function isFar(tables: usize, proposals: usize, seeds: usize): bool {
  const magnitudes = v128.load(tables, MAGNITUDES);
  let most = i32x4.splat(0);
  for (let at: usize = 0; at < 128; at += 16) {
    const distance = f32x4.sub(v128.load(proposals + at), v128.load(seeds + at));
    most = i32x4.max_s(most, v128.and(distance, magnitudes));
  }
  return !v128.any_true(i32x4.gt_s(most, v128.load(tables, BELOW_LOW)));
}

/** {@link isFar} that also makes the word's new values the seeds. */
export function resetIfFar(proposals: usize, seeds: usize, out: usize, magnitudes: v128, belowLow: v128): bool {
  let most = i32x4.splat(0);
  for (let at: usize = 0; at < 128; at += 64) {
    const b0 = v128.load(seeds + at);
    const b1 = v128.load(seeds + at, 16);
    const b2 = v128.load(seeds + at, 32);
    const b3 = v128.load(seeds + at, 48);
    most = i32x4.max_s(most, v128.and(f32x4.sub(v128.load(proposals + at), b0), magnitudes));
    v128.store(out + at, b0);
    most = i32x4.max_s(most, v128.and(f32x4.sub(v128.load(proposals + at, 16), b1), magnitudes));
    v128.store(out + at, b1, 16);
    most = i32x4.max_s(most, v128.and(f32x4.sub(v128.load(proposals + at, 32), b2), magnitudes));
    v128.store(out + at, b2, 32);
    most = i32x4.max_s(most, v128.and(f32x4.sub(v128.load(proposals + at, 48), b3), magnitudes));
    v128.store(out + at, b3, 48);
  }
  return !v128.any_true(i32x4.gt_s(most, belowLow));
}

/**
 * Measures a word's elements, writes the new values of those that are or may be chosen, makes all others their seed, and
 * notes what of the word changes and what of it is in the window. Seeds are unpacked in registers.
 *
 * `proposals` may be `out`.
 */
export function chooseUnpacking(
  job: Job,
  old: u32,
  rank: u32,
  proposals: usize,
  theta: usize,
  out: usize,
  target: usize,
  left: u32,
  word: u32,
): void {
  const tables = job.tables;
  const magnitudes = v128.load(tables, MAGNITUDES);
  const belowLow = v128.load(tables, BELOW_LOW);
  const belowHigh = v128.load(tables, BELOW_HIGH);
  let packed = packedSeeds(job, old, rank);
  let most = i32x4.splat(0);
  let bits: u32 = 0;
  let window: u32 = 0;
  let rest = old;
  for (let at: usize = 0; at < 128; at += 64, rest >>= 16) {
    const b0 = expandFour(tables, rest & 15, packed, theta + at);
    packed += popcnt(rest & 15) << 2;
    const b1 = expandFour(tables, (rest >> 4) & 15, packed, theta + at + 16);
    packed += popcnt((rest >> 4) & 15) << 2;
    const b2 = expandFour(tables, (rest >> 8) & 15, packed, theta + at + 32);
    packed += popcnt((rest >> 8) & 15) << 2;
    const b3 = expandFour(tables, (rest >> 12) & 15, packed, theta + at + 48);
    packed += popcnt((rest >> 12) & 15) << 2;
    const a0 = v128.load(proposals + at);
    const a1 = v128.load(proposals + at, 16);
    const a2 = v128.load(proposals + at, 32);
    const a3 = v128.load(proposals + at, 48);
    const d0 = v128.and(f32x4.sub(a0, b0), magnitudes);
    const d1 = v128.and(f32x4.sub(a1, b1), magnitudes);
    const d2 = v128.and(f32x4.sub(a2, b2), magnitudes);
    const d3 = v128.and(f32x4.sub(a3, b3), magnitudes);
    most = i32x4.max_s(i32x4.max_s(most, i32x4.max_s(d0, d1)), i32x4.max_s(d2, d3));
    const s0 = i32x4.gt_s(d0, belowLow);
    const s1 = i32x4.gt_s(d1, belowLow);
    const s2 = i32x4.gt_s(d2, belowLow);
    const s3 = i32x4.gt_s(d3, belowLow);
    v128.store(out + at, v128.bitselect(a0, b0, s0));
    v128.store(out + at, v128.bitselect(a1, b1, s1), 16);
    v128.store(out + at, v128.bitselect(a2, b2, s2), 32);
    v128.store(out + at, v128.bitselect(a3, b3, s3), 48);
    window = (window >>> 16) | (bitsOf(s0, s1, s2, s3) << 16);
    const above = bitsOf(
      i32x4.gt_s(d0, belowHigh),
      i32x4.gt_s(d1, belowHigh),
      i32x4.gt_s(d2, belowHigh),
      i32x4.gt_s(d3, belowHigh),
    );
    bits = (bits >>> 16) | (above << 16);
  }
  window ^= bits;
  if ((window != 0 && job.exact) || v128.any_true(i32x4.gt_s(most, i32x4.splat(INFINITE - 1)))) {
    // What has become its seed is not chosen in any case.
    const seeds = old ? expandSeeds(job, old, rank, theta) : theta;
    return choose(job, old, rank, out, seeds, 0, out, target, left, word);
  }
  note(job, old, bits, window, rank, theta, 0, out, target, word);
}

/**
 * Makes proposals by Adam of the vectors that hold elements of the old subset or `near` ones, from slots that are up to
 * date, then does as {@link chooseUnpacking}. The word's new values are the current ones already.
 *
 * @returns false where that does not do, because something is not finite or lies at the k-th distance; nothing is noted
 * then
 */
export function chooseNear(
  job: Job,
  old: u32,
  near: u32,
  rank: u32,
  theta: usize,
  slot0: usize,
  slot1: usize,
  out: usize,
  target: usize,
  word: u32,
): bool {
  return job.weighed
    ? makeNear(job, old, near, rank, theta, slot0, slot1, out, target, word, true)
    : makeNear(job, old, near, rank, theta, slot0, slot1, out, target, word, false);
}

/** Inlined, so that there is one for each of the two. */
@inline
function makeNear(
  job: Job,
  old: u32,
  near: u32,
  rank: u32,
  theta: usize,
  slot0: usize,
  slot1: usize,
  out: usize,
  target: usize,
  word: u32,
  weighs: bool,
): bool {
  const tables = job.tables;
  const towardsSeed = job.decay == DECAY_TO_SEED;
  const factor = v128.load(tables, DECAY);
  const c3 = v128.load(tables, C3);
  const c4 = v128.load(tables, C4);
  const magnitudes = v128.load(tables, MAGNITUDES);
  const belowLow = v128.load(tables, BELOW_LOW);
  const belowHigh = v128.load(tables, BELOW_HIGH);
  const packed = packedSeeds(job, old, rank);
  let most = i32x4.splat(0);
  let bits: u32 = 0;
  let window: u32 = 0;
  for (let rest = old | near; rest; ) {
    const first = ctz(rest) & 28;
    const at: usize = first << 2;
    rest &= ~(15 << first);
    const before = popcnt(old & ((1 << first) - 1));
    const value = v128.load(theta + at);
    const seed = expandFour(tables, (old >>> first) & 15, packed + (before << 2), theta + at);
    const root = f32x4.sqrt(v128.load(slot1 + at));
    const step = f32x4.div(f32x4.mul(c3, v128.load(slot0 + at)), f32x4.add(root, c4));
    const decayed = towardsSeed
      ? f32x4.sub(value, f32x4.mul(factor, f32x4.sub(value, seed)))
      : f32x4.mul(value, factor);
    const proposal = f32x4.add(decayed, step);
    const d = weighs
      ? weigh(job, flush(f32x4.abs(f32x4.sub(flush(proposal), flush(seed)))), v128.load(slot1 + at))
      : v128.and(f32x4.sub(proposal, seed), magnitudes);
    const isNear = i32x4.gt_s(d, belowLow);
    most = i32x4.max_s(most, weighs ? v128.and(proposal, magnitudes) : d);
    v128.store(out + at, v128.bitselect(proposal, seed, isNear));
    window |= (i32x4.bitmask(isNear) as u32) << first;
    bits |= (i32x4.bitmask(i32x4.gt_s(d, belowHigh)) as u32) << first;
  }
  window ^= bits;
  const isFinite = !v128.any_true(i32x4.gt_s(most, i32x4.splat(INFINITE - 1)));
  if (!isFinite || (window != 0 && job.exact)) return false;
  note(job, old, bits, window, rank, theta, weighs ? slot1 : 0, out, target, word);
  return true;
}

/**
 * {@link chooseUnpacking} for any distance and any window, where the word's seeds lie ready, and what its distances are
 * weighed by.
 */
export function choose(
  job: Job,
  old: u32,
  rank: u32,
  proposals: usize,
  seeds: usize,
  weights: usize,
  out: usize,
  target: usize,
  left: u32,
  word: u32,
): void {
  measure(job, proposals, seeds, weights, left);
  const tables = job.tables;
  const distances = tables + DISTANCES;
  const belowLow = v128.load(tables, BELOW_LOW);
  const belowHigh = v128.load(tables, BELOW_HIGH);
  const isMask = job.rule == MASK;
  let bits: u32 = 0;
  let window: u32 = 0;
  for (let at: u32 = 0; at < 128; at += 16) {
    const d = v128.load(distances + at);
    bits |= (i32x4.bitmask(i32x4.gt_s(d, belowHigh)) as u32) << (at >> 2);
    window |= (i32x4.bitmask(i32x4.gt_s(d, belowLow)) as u32) << (at >> 2);
  }
  window ^= bits;
  if (job.exact) {
    for (; window != 0 && job.quota > 0; window &= window - 1, job.quota--) bits |= window & -window;
    window = 0;
  }
  job.chosen += popcnt(bits);
  if (isMask) {
    writeBytes(out, bits | window);
  } else {
    let rest = bits | window;
    for (let at: usize = 0; at < 128; at += 16, rest >>= 4) {
      const lanes = v128.load(tables + ((rest & 15) << 4), LANES);
      v128.store(out + at, v128.bitselect(v128.load(proposals + at), v128.load(seeds + at), lanes));
    }
    if (bits != old || window != 0) addChange(job, word, bits, rank);
  }
  if (window != 0) addCandidates(job, window, distances, seeds, target, isMask ? 1 : 4, word);
}

/** Notes a word's new bits and its elements in the window, whose new values are their proposals. */
function note(
  job: Job,
  old: u32,
  bits: u32,
  window: u32,
  rank: u32,
  theta: usize,
  weights: usize,
  out: usize,
  target: usize,
  word: u32,
): void {
  job.chosen += popcnt(bits);
  if (bits != old || window != 0) addChange(job, word, bits, rank);
  if (window == 0) return;
  const distances = job.tables + DISTANCES;
  const seeds = job.tables + SEEDS;
  const packed = job.seeds + (rank << 2);
  for (let rest = window; rest; rest &= rest - 1) {
    const i = ctz(rest);
    const seed = load<f32>(seedAt(packed, old, i, theta));
    store<f32>(seeds + (i << 2), seed);
    store<f32>(distances + (i << 2), abs(load<f32>(out + (i << 2)) - seed));
  }
  if (weights) {
    for (let at: usize = 0; at < 128; at += 16) {
      // Lanes that are not in the window hold what they will, and are not looked at.
      const d = f32x4.abs(f32x4.sub(flush(v128.load(out + at)), flush(v128.load(seeds + at))));
      v128.store(distances + at, weigh(job, flush(d), v128.load(weights + at)));
    }
  }
  addCandidates(job, window, distances, seeds, target, 4, word);
}

/** The sign bits of 16 lanes. */
function bitsOf(a: v128, b: v128, c: v128, d: v128): u32 {
  return i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
}

/** A word's bits as 32 bytes, 0 or 1. */
export function writeBytes(out: usize, bits: u32): void {
  const each = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  const word = i32x4.splat(bits);
  const first = i8x16.swizzle(word, i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
  const second = i8x16.swizzle(word, i8x16(2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3));
  const one = i8x16.splat(1);
  v128.store(out, v128.and(i8x16.eq(v128.and(first, each), each), one));
  v128.store(out, v128.and(i8x16.eq(v128.and(second, each), each), one), 16);
}
