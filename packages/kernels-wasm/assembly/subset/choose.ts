import {addCandidates} from './candidates';
import {isPlain, measure} from './distance';
import {updateAndFindNear} from './near';
import {DECAY_TO_SEED, INFINITE, Job, MASK, validBits} from './job';
import {addChange} from './log';
import {proposeBlock} from './rule';
import {expandFour, expandSeeds, packedSeeds, seedAt} from './seeds';
import {BELOW_HIGH, BELOW_LOW, C3, C4, DECAY, DISTANCES, LANES, MAGNITUDES, NEAR_WORDS, PROPOSALS, SEEDS, ZEROS} from './tables';

/*
 * What becomes of a block once its proposals are made, in words of 32 elements. What the functions take: the block's
 * bytes of proposals, current values and new values (`out`; `target` is where those lie at last, where `out` is only a
 * buffer), its words of the mask and how many entries the old subset has before it, how many elements are left in the
 * tensor, and the number of its first word. They return how many entries the old subset has before the next block.
 */

/**
 * For plain distances: looks first whether anything in a word is chosen or close to it, unless something was before or
 * most words have chosen elements.
 */
export function choosePlainly(
  job: Job,
  bytes: usize,
  mask: usize,
  rank: u32,
  proposals: usize,
  theta: usize,
  out: usize,
  target: usize,
  left: u32,
  word: u32,
): u32 {
  const tables = job.tables;
  const dense = job.dense != 0;
  const magnitudes = v128.load(tables, MAGNITUDES);
  const belowLow = v128.load(tables, BELOW_LOW);
  for (let at: usize = 0; at < bytes; at += 128, mask += 4, left -= 32, word++) {
    const old = load<u32>(mask);
    if (dense || old != 0 || !resetIfFar(proposals + at, theta + at, out + at, magnitudes, belowLow)) {
      chooseUnpacking(job, old, rank, proposals + at, theta + at, out + at, target + at, left, word);
    }
    rank += popcnt(old);
  }
  return rank;
}

/**
 * For plain distances of proposals by Adam that are not made yet, where few elements are chosen and all gradients are
 * finite: makes them only in words that hold, or may hold, something of the subset.
 */
export function chooseQuickly(
  job: Job,
  fresh: bool,
  bytes: usize,
  mask: usize,
  rank: u32,
  theta: usize,
  gradient: usize,
  slot0: usize,
  slot1: usize,
  out: usize,
  target: usize,
  left: u32,
  word: u32,
): u32 {
  const tables = job.tables;
  // First what all words need, then what few do, so that few branches are taken by chance.
  let listed = tables + NEAR_WORDS;
  for (let at: usize = 0; at < bytes; at += 128) {
    const near = updateAndFindNear(tables, fresh, theta + at, gradient + at, slot0 + at, slot1 + at, out + at);
    store<u32>(listed, near);
    store<u32>(listed, at, 4);
    listed += <usize>((near | load<u32>(mask + (at >> 5))) != 0) << 3;
  }
  const proposals = tables + PROPOSALS;
  for (let entry = tables + NEAR_WORDS; entry < listed; entry += 8) {
    const near = load<u32>(entry);
    const at: usize = load<u32>(entry, 4);
    const i = <u32>at >> 5;
    const old = load<u32>(mask + i);
    const value = theta + at;
    const m = slot0 + at;
    const v = slot1 + at;
    if (!chooseNear(job, old, near, rank, value, m, v, out + at, target + at, word + (i >> 2))) {
      proposeBlock(job, false, false, 128, value, gradient + at, m, v, proposals, mask + i, rank);
      chooseUnpacking(job, old, rank, proposals, value, out + at, target + at, left - (i << 3), word + (i >> 2));
    }
    rank += popcnt(old);
  }
  return rank;
}

/** For any distance and any window. */
export function chooseCarefully(
  job: Job,
  bytes: usize,
  mask: usize,
  rank: u32,
  proposals: usize,
  theta: usize,
  out: usize,
  target: usize,
  left: u32,
  word: u32,
): u32 {
  for (let at: usize = 0; at < bytes; at += 128, mask += 4, left -= 32, word++) {
    const old = load<u32>(mask);
    const seeds = old ? expandSeeds(job, old, rank, theta + at) : theta + at;
    choose(job, old, rank, proposals + at, seeds, out + at, target + at, left, word);
    rank += popcnt(old);
  }
  return rank;
}

/** For a mask: `theta` are the values y, or {@link ZEROS}. */
export function chooseMask(
  job: Job,
  bytes: usize,
  proposals: usize,
  theta: usize,
  out: usize,
  target: usize,
  left: u32,
  word: u32,
): void {
  const quick = isPlain(job);
  const step: usize = theta == job.tables + ZEROS ? 0 : 128;
  for (const end = proposals + bytes; proposals < end; proposals += 128, theta += step, left -= 32, word++) {
    if (quick && isFar(job.tables, proposals, theta)) writeBytes(out, 0);
    else choose(job, 0, 0, proposals, theta, out, target, left, word);
    out += 32;
    target += 32;
  }
}

/** Whether every distance of a word lies below the window. */
function isFar(tables: usize, proposals: usize, seeds: usize): bool {
  const magnitudes = v128.load(tables, MAGNITUDES);
  let most = i32x4.splat(0);
  for (let at: usize = 0; at < 128; at += 16) {
    const distance = f32x4.sub(v128.load(proposals + at), v128.load(seeds + at));
    most = i32x4.max_s(most, v128.and(distance, magnitudes));
  }
  return !v128.any_true(i32x4.gt_s(most, v128.load(tables, BELOW_LOW)));
}

/** For a pass that must miss. */
export function skip(bytes: usize, mask: usize, rank: u32): u32 {
  for (const end = mask + (bytes >> 5); mask < end; mask += 4) rank += popcnt(load<u32>(mask));
  return rank;
}

/** For a subset that is kept: it takes its proposals where they are finite. Everything else stays, and is the seed. */
export function keep(
  job: Job,
  bytes: usize,
  mask: usize,
  rank: u32,
  proposals: usize,
  theta: usize,
  out: usize,
  left: u32,
): u32 {
  const lanes = job.tables + LANES;
  const infinite = i32x4.splat(INFINITE);
  for (let word: usize = 0; word < bytes; word += 128, mask += 4, left -= 32) {
    const old = load<u32>(mask);
    rank += popcnt(old);
    let nonFinite: u32 = 0;
    let rest = old;
    for (let at: u32 = 0; at < 128; at += 16, rest >>= 4) {
      const proposal = v128.load(proposals + word + at);
      const finite = f32x4.lt(f32x4.abs(proposal), infinite);
      const takes = v128.and(finite, v128.load(lanes + ((rest & 15) << 4)));
      v128.store(out + word + at, v128.bitselect(proposal, v128.load(theta + word + at), takes));
      nonFinite |= (i32x4.bitmask(v128.not(finite)) as u32) << (at >> 2);
    }
    job.nonFiniteProposals += popcnt(nonFinite & validBits(left));
  }
  return rank;
}

/** {@link isFar} that also makes the word's new values the seeds. */
function resetIfFar(proposals: usize, seeds: usize, out: usize, magnitudes: v128, belowLow: v128): bool {
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

/** The sign bits of 16 lanes. */
function bitsOf(a: v128, b: v128, c: v128, d: v128): u32 {
  return i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)));
}

/**
 * Measures a word's elements, writes the new values of those that are or may be chosen, makes all others their seed, and
 * notes what of the word changes and what of it is in the window. Seeds are unpacked in registers.
 *
 * `proposals` may be `out`.
 */
function chooseUnpacking(
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
    return choose(job, old, rank, out, seeds, out, target, left, word);
  }
  note(job, old, bits, window, rank, theta, out, target, word);
}

/** Notes a word's new bits and its elements in the window, whose new values are their proposals. */
function note(
  job: Job,
  old: u32,
  bits: u32,
  window: u32,
  rank: u32,
  theta: usize,
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
  addCandidates(job, window, distances, seeds, target, 4, word);
}

/**
 * Makes proposals by Adam of the vectors that hold elements of the old subset or `near` ones, from slots that are up to
 * date, then does as {@link chooseUnpacking}. The word's new values are the current ones already.
 *
 * @returns false where that does not do, because something is not finite or lies at the k-th distance; nothing is noted
 * then
 */
function chooseNear(
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
    const d = v128.and(f32x4.sub(proposal, seed), magnitudes);
    const isNear = i32x4.gt_s(d, belowLow);
    most = i32x4.max_s(most, d);
    v128.store(out + at, v128.bitselect(proposal, seed, isNear));
    window |= (i32x4.bitmask(isNear) as u32) << first;
    bits |= (i32x4.bitmask(i32x4.gt_s(d, belowHigh)) as u32) << first;
  }
  window ^= bits;
  const isFinite = !v128.any_true(i32x4.gt_s(most, i32x4.splat(INFINITE - 1)));
  if (!isFinite || (window != 0 && job.exact)) return false;
  note(job, old, bits, window, rank, theta, out, target, word);
  return true;
}

/** {@link chooseUnpacking} for any distance and any window, where the word's seeds lie ready. */
function choose(
  job: Job,
  old: u32,
  rank: u32,
  proposals: usize,
  seeds: usize,
  out: usize,
  target: usize,
  left: u32,
  word: u32,
): void {
  measure(job, proposals, seeds, left);
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

/** A word's bits as 32 bytes, 0 or 1. */
function writeBytes(out: usize, bits: u32): void {
  const each = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  const word = i32x4.splat(bits);
  const first = i8x16.swizzle(word, i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
  const second = i8x16.swizzle(word, i8x16(2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3));
  const one = i8x16.splat(1);
  v128.store(out, v128.and(i8x16.eq(v128.and(first, each), each), one));
  v128.store(out, v128.and(i8x16.eq(v128.and(second, each), each), one), 16);
}
