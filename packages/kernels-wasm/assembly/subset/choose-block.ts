import {choose, chooseNear, chooseUnpacking, isFar, resetIfFar, writeBytes} from './choose-word';
import {isPlain} from './distance';
import {INFINITE, Job, validBits} from './job';
import {updateAndFindHeavy, updateAndFindNear} from './near';
import {proposeBlock} from './rule';
import {expandSeeds} from './seeds';
import {BELOW_LOW, LANES, MAGNITUDES, NEAR_WORDS, PROPOSALS, ZEROS} from './tables';

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
 * For plain distances of proposals by Adam that are not made yet, or such that are weighed by its second moments, where
 * few elements are chosen and all gradients are finite: makes them only in words that hold, or may hold, something of the
 * subset.
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
  const weighs = job.weighed != 0;
  // First what all words need, then what few do, so that few branches are taken by chance.
  let listed = tables + NEAR_WORDS;
  for (let at: usize = 0; at < bytes; at += 128) {
    const near = weighs
      ? updateAndFindHeavy(tables, fresh, theta + at, gradient + at, slot0 + at, slot1 + at, out + at)
      : updateAndFindNear(tables, fresh, theta + at, gradient + at, slot0 + at, slot1 + at, out + at);
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
      const rest = left - (i << 3);
      const place = word + (i >> 2);
      if (weighs) {
        const seeds = old ? expandSeeds(job, old, rank, value) : value;
        choose(job, old, rank, proposals, seeds, v, out + at, target + at, rest, place);
      } else {
        chooseUnpacking(job, old, rank, proposals, value, out + at, target + at, rest, place);
      }
    }
    rank += popcnt(old);
  }
  return rank;
}

/** For any distance and any window. `weights` are what distances are weighed by, if they are. */
export function chooseCarefully(
  job: Job,
  bytes: usize,
  mask: usize,
  rank: u32,
  proposals: usize,
  theta: usize,
  weights: usize,
  out: usize,
  target: usize,
  left: u32,
  word: u32,
): u32 {
  for (let at: usize = 0; at < bytes; at += 128, mask += 4, left -= 32, word++) {
    const old = load<u32>(mask);
    const seeds = old ? expandSeeds(job, old, rank, theta + at) : theta + at;
    choose(job, old, rank, proposals + at, seeds, weights + at, out + at, target + at, left, word);
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
  weights: usize,
  out: usize,
  target: usize,
  left: u32,
  word: u32,
): void {
  const quick = isPlain(job);
  const step: usize = theta == job.tables + ZEROS ? 0 : 128;
  for (const end = proposals + bytes; proposals < end; proposals += 128, theta += step, left -= 32, word++) {
    if (quick && isFar(job.tables, proposals, theta)) writeBytes(out, 0);
    else choose(job, 0, 0, proposals, theta, weights, out, target, left, word);
    weights += 128;
    out += 32;
    target += 32;
  }
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
