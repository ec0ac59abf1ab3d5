import {ADAM, DECAY_TO_SEED, INFINITE, Job, MOMENTUM, SGD, validBits} from './job';
import {expandSeeds} from './seeds';
import {C0, C1, C2, C3, C4, DECAYED, LIMIT, MAGNITUDES, PROPOSALS, SCALE} from './tables';

/**
 * Four parameters' proposals, with their slots updated in place where `fresh`, and as they are otherwise.
 *
 * sgd: c0 is −learningRate. momentum: c0 too, and c1 the momentum. adam: c0 = 1−β₁, c1 = β₂, c2 = 1−β₂,
 * c3 = −learningRate·√correction2/correction1 and c4 = ε·√correction2, which is the rule with √correction2 brought to
 * the other side: one division less.
 *
 * Where `guard`, lanes whose gradient is not finite keep their slots and propose the current value.
 */
// @ts-ignore: decorator
@inline
function propose(
  rule: i32,
  fresh: bool,
  guard: bool,
  nesterov: bool,
  at: usize,
  decayed: usize,
  theta: usize,
  gradient: usize,
  slot0: usize,
  slot1: usize,
  proposals: usize,
  scale: v128,
  c0: v128,
  c1: v128,
  c2: v128,
  c3: v128,
  c4: v128,
): void {
  const g = f32x4.mul(v128.load(gradient + at), scale);
  let finite = g;
  if (guard) finite = f32x4.lt(f32x4.abs(g), i32x4.splat(INFINITE));
  let proposal = v128.load(decayed + at);
  if (rule == SGD) {
    proposal = f32x4.add(proposal, f32x4.mul(c0, g));
  } else if (rule == MOMENTUM) {
    let b = v128.load(slot0 + at);
    if (fresh) {
      const updated = f32x4.add(f32x4.mul(c1, b), g);
      b = guard ? v128.bitselect(updated, b, finite) : updated;
      v128.store(slot0 + at, b);
    }
    const direction = nesterov ? f32x4.add(g, f32x4.mul(c1, b)) : b;
    proposal = f32x4.add(proposal, f32x4.mul(c0, direction));
  } else {
    let m = v128.load(slot0 + at);
    let v = v128.load(slot1 + at);
    if (fresh) {
      const newM = f32x4.add(m, f32x4.mul(c0, f32x4.sub(g, m)));
      m = guard ? v128.bitselect(newM, m, finite) : newM;
      v128.store(slot0 + at, m);
      const newV = f32x4.add(f32x4.mul(v, c1), f32x4.mul(f32x4.mul(c2, g), g));
      v = guard ? v128.bitselect(newV, v, finite) : newV;
      v128.store(slot1 + at, v);
    }
    proposal = f32x4.add(proposal, f32x4.div(f32x4.mul(c3, m), f32x4.add(f32x4.sqrt(v), c4)));
  }
  if (guard) proposal = v128.bitselect(proposal, v128.load(theta + at), finite);
  v128.store(proposals + at, proposal);
}

/** {@link propose} for as many bytes as are given, with whatever of its flags is known when it is compiled. */
// @ts-ignore: decorator
@inline
function proposeAll(
  rule: i32,
  fresh: bool,
  guard: bool,
  nesterov: bool,
  job: Job,
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
    propose(
      rule, fresh, guard, nesterov, at, decayed, theta, gradient, slot0, slot1, proposals, scale, c0, c1, c2, c3, c4,
    );
  }
}

/** A dense step of Adam, without a subset: what any fused step costs at least. */
export function adam(
  job: Job,
  bytes: usize,
  decayed: usize,
  gradient: usize,
  slot0: usize,
  slot1: usize,
  proposals: usize,
): void {
  proposeAll(ADAM, true, false, false, job, bytes, decayed, decayed, gradient, slot0, slot1, proposals);
}

function adamAgain(
  job: Job,
  bytes: usize,
  decayed: usize,
  gradient: usize,
  slot0: usize,
  slot1: usize,
  proposals: usize,
): void {
  proposeAll(ADAM, false, false, false, job, bytes, decayed, decayed, gradient, slot0, slot1, proposals);
}

function simple(
  job: Job,
  fresh: bool,
  bytes: usize,
  decayed: usize,
  gradient: usize,
  slot0: usize,
  proposals: usize,
): void {
  if (job.rule == SGD) {
    proposeAll(SGD, true, false, false, job, bytes, decayed, decayed, gradient, 0, 0, proposals);
  } else if (fresh && !job.nesterov) {
    proposeAll(MOMENTUM, true, false, false, job, bytes, decayed, decayed, gradient, slot0, 0, proposals);
  } else {
    const nesterov = job.nesterov != 0;
    proposeAll(MOMENTUM, fresh, false, nesterov, job, bytes, decayed, decayed, gradient, slot0, 0, proposals);
  }
}

function guarded(
  job: Job,
  fresh: bool,
  bytes: usize,
  decayed: usize,
  theta: usize,
  gradient: usize,
  slot0: usize,
  slot1: usize,
  proposals: usize,
): void {
  const nesterov = job.nesterov != 0;
  proposeAll(job.rule, fresh, true, nesterov, job, bytes, decayed, theta, gradient, slot0, slot1, proposals);
}

/**
 * The proposals of a block, into PROPOSALS. `fresh` is true once a step: slots are updated then, and the gradients that
 * are not finite counted.
 *
 * @param mask where the block's words of the mask lie, for decay towards the seed
 * @param rank how many entries of the old subset come before the block
 * @param left elements left in the tensor
 */
export function proposeBlock(
  job: Job,
  fresh: bool,
  bytes: usize,
  theta: usize,
  gradient: usize,
  slot0: usize,
  slot1: usize,
  mask: usize,
  rank: u32,
  left: u32,
): void {
  const proposals = job.tables + PROPOSALS;
  const decayed = job.decay ? decay(job, bytes, theta, mask, rank) : theta;
  if (fresh ? !isFinite(job, bytes, gradient, left) : job.nonFiniteGradients != 0) {
    guarded(job, fresh, bytes, decayed, theta, gradient, slot0, slot1, proposals);
  } else if (job.rule != ADAM) {
    simple(job, fresh, bytes, decayed, gradient, slot0, proposals);
  } else if (fresh) {
    adam(job, bytes, decayed, gradient, slot0, slot1, proposals);
  } else {
    adamAgain(job, bytes, decayed, gradient, slot0, slot1, proposals);
  }
}

/** Whether a block's gradients surely are all finite. Counts those that are not. */
function isFinite(job: Job, bytes: usize, gradient: usize, left: u32): bool {
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
