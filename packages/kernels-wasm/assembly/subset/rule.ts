import {ADAM, DECAY_TO_SEED, INFINITE, Job, MOMENTUM, validBits} from './job';
import {expandSeeds} from './seeds';
import {C0, C1, C2, C3, C4, DECAYED, LIMIT, MAGNITUDES, SCALE} from './tables';

/*
 * A block's proposals by each rule, in vectors of four. Slots are updated in place where `fresh`, and taken as they are
 * otherwise. Where `guard`, lanes whose gradient is not finite keep their slots and propose the current value; without
 * it `theta` is not read, which `decayed` is in its place.
 */

/** c0 is −learningRate. */
function sgd(job: Job, guard: bool, bytes: usize, decayed: usize, theta: usize, gradient: usize, proposals: usize): void {
  const scale = v128.load(job.tables, SCALE);
  const c0 = v128.load(job.tables, C0);
  for (let at: usize = 0; at < bytes; at += 16) {
    const g = f32x4.mul(v128.load(gradient + at), scale);
    let proposal = f32x4.add(v128.load(decayed + at), f32x4.mul(c0, g));
    if (guard) proposal = v128.bitselect(proposal, v128.load(theta + at), finite(g));
    v128.store(proposals + at, proposal);
  }
}

/** c0 is −learningRate, c1 the momentum. */
function momentum(
  job: Job,
  fresh: bool,
  guard: bool,
  bytes: usize,
  decayed: usize,
  theta: usize,
  gradient: usize,
  slot: usize,
  proposals: usize,
): void {
  const scale = v128.load(job.tables, SCALE);
  const c0 = v128.load(job.tables, C0);
  const c1 = v128.load(job.tables, C1);
  const nesterov = job.nesterov != 0;
  for (let at: usize = 0; at < bytes; at += 16) {
    const g = f32x4.mul(v128.load(gradient + at), scale);
    let b = v128.load(slot + at);
    if (fresh) {
      const updated = f32x4.add(f32x4.mul(c1, b), g);
      b = guard ? v128.bitselect(updated, b, finite(g)) : updated;
      v128.store(slot + at, b);
    }
    const direction = nesterov ? f32x4.add(g, f32x4.mul(c1, b)) : b;
    let proposal = f32x4.add(v128.load(decayed + at), f32x4.mul(c0, direction));
    if (guard) proposal = v128.bitselect(proposal, v128.load(theta + at), finite(g));
    v128.store(proposals + at, proposal);
  }
}

/**
 * c0 = 1−β₁, c1 = β₂, c2 = 1−β₂, c3 = −learningRate·√correction2/correction1, c4 = ε·√correction2: the rule with
 * √correction2 brought to the other side of the fraction, which saves a division.
 */
export function adam(
  job: Job,
  fresh: bool,
  guard: bool,
  bytes: usize,
  decayed: usize,
  theta: usize,
  gradient: usize,
  slot0: usize,
  slot1: usize,
  proposals: usize,
): void {
  const tables = job.tables;
  const scale = v128.load(tables, SCALE);
  const c0 = v128.load(tables, C0);
  const c1 = v128.load(tables, C1);
  const c2 = v128.load(tables, C2);
  const c3 = v128.load(tables, C3);
  const c4 = v128.load(tables, C4);
  for (let at: usize = 0; at < bytes; at += 16) {
    let m = v128.load(slot0 + at);
    let v = v128.load(slot1 + at);
    if (fresh) {
      const g = f32x4.mul(v128.load(gradient + at), scale);
      const newM = f32x4.add(m, f32x4.mul(c0, f32x4.sub(g, m)));
      m = guard ? v128.bitselect(newM, m, finite(g)) : newM;
      v128.store(slot0 + at, m);
      const newV = f32x4.add(f32x4.mul(v, c1), f32x4.mul(f32x4.mul(c2, g), g));
      v = guard ? v128.bitselect(newV, v, finite(g)) : newV;
      v128.store(slot1 + at, v);
    }
    let proposal = f32x4.add(v128.load(decayed + at), f32x4.div(f32x4.mul(c3, m), f32x4.add(f32x4.sqrt(v), c4)));
    if (guard) {
      const g = f32x4.mul(v128.load(gradient + at), scale);
      proposal = v128.bitselect(proposal, v128.load(theta + at), finite(g));
    }
    v128.store(proposals + at, proposal);
  }
}

function finite(g: v128): v128 {
  return f32x4.lt(f32x4.abs(g), i32x4.splat(INFINITE));
}

/**
 * The proposals of a block. Slots are updated where `fresh`, once a step. Gradients may be not finite where `guard`.
 *
 * @param mask where the block's words of the mask lie, for decay towards the seed
 * @param rank how many entries of the old subset come before the block
 */
export function proposeBlock(
  job: Job,
  fresh: bool,
  guard: bool,
  bytes: usize,
  theta: usize,
  gradient: usize,
  slot0: usize,
  slot1: usize,
  proposals: usize,
  mask: usize,
  rank: u32,
): void {
  const decayed = job.decay ? decay(job, bytes, theta, mask, rank) : theta;
  if (job.rule == ADAM) adam(job, fresh, guard, bytes, decayed, theta, gradient, slot0, slot1, proposals);
  else if (job.rule == MOMENTUM) momentum(job, fresh, guard, bytes, decayed, theta, gradient, slot0, proposals);
  else sgd(job, guard, bytes, decayed, theta, gradient, proposals);
}

/** Whether a block's gradients surely are all finite. Counts those that are not. */
export function isFinite(job: Job, bytes: usize, gradient: usize, left: u32): bool {
  const magnitudes = v128.load(job.tables, MAGNITUDES);
  let largest = i32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 64) {
    largest = i32x4.max_s(largest, v128.and(v128.load(gradient + at), magnitudes));
    largest = i32x4.max_s(largest, v128.and(v128.load(gradient + at, 16), magnitudes));
    largest = i32x4.max_s(largest, v128.and(v128.load(gradient + at, 32), magnitudes));
    largest = i32x4.max_s(largest, v128.and(v128.load(gradient + at, 48), magnitudes));
  }
  if (!v128.any_true(i32x4.gt_s(largest, v128.load(job.tables, LIMIT)))) return true;
  const scale = v128.load(job.tables, SCALE);
  for (let at: usize = 0; at < bytes; at += 16) {
    const size = f32x4.abs(f32x4.mul(v128.load(gradient + at), scale));
    const bits: u32 = i32x4.bitmask(i32x4.ge_s(size, i32x4.splat(INFINITE)));
    const place = <u32>at >> 2;
    if (place < left) job.nonFiniteGradients += popcnt(bits & validBits(left - place));
  }
  return false;
}

/** A block's values after decoupled weight decay. Returns where they lie. */
function decay(job: Job, bytes: usize, theta: usize, mask: usize, rank: u32): usize {
  const decayed = job.tables + DECAYED;
  const factor = f32x4.splat(job.decayFactor);
  if (job.decay != DECAY_TO_SEED) {
    for (let at: usize = 0; at < bytes; at += 16) v128.store(decayed + at, f32x4.mul(v128.load(theta + at), factor));
    return decayed;
  }
  for (let word: usize = 0; word < bytes; word += 128, mask += 4) {
    const old = load<u32>(mask);
    const value = theta + word;
    const seed = old ? expandSeeds(job, old, rank, value) : value;
    rank += popcnt(old);
    for (let at: usize = 0; at < 128; at += 16) {
      const x = v128.load(value + at);
      v128.store(decayed + word + at, f32x4.sub(x, f32x4.mul(factor, f32x4.sub(x, v128.load(seed + at)))));
    }
  }
  return decayed;
}
