import {chooseCarefully, chooseMask, choosePlainly, chooseQuickly, keep, skip} from './choose-block';
import {isPlain} from './distance';
import {ADAM, BY_FISHER, Job, MASK, MOMENTUM, Row, rowAt, SGD} from './job';
import {canWeighQuickly, writeBounds} from './near';
import {isFinite, proposeBlock} from './rule';
import {BELOW_HIGH, BELOW_LOW, BLOCK, PROPOSALS, TAIL, ZEROS} from './tables';

/** Up to this share of chosen elements, 1 in so many, it pays to find out first which lie far below the window. */
const LEAST_QUICK: u32 = 8;

/**
 * The one pass over all elements: proposes, measures, decides everything outside of the window [low, high), and writes
 * new values. Changed words of the mask go to the log, and the window's elements to the list.
 *
 * A block of up to 256 elements at a time, it reads values, gradients and slots once, and writes slots (if `fresh`) and
 * new values once. Nothing else of the state is written, so that a pass that misses can be repeated. Where it must miss,
 * because the window is too low or holds too many, the rest of it only updates slots.
 */
export function pass(job: Job, fresh: bool): void {
  const rule = job.rule;
  const isMask = rule == MASK;
  const tables = job.tables;
  v128.store(tables, i32x4.splat(job.low - 1), BELOW_LOW);
  v128.store(tables, i32x4.splat(job.high - 1), BELOW_HIGH);
  job.chosen = 0;
  job.candidates = 0;
  job.changed = 0;
  job.nonFiniteProposals = 0;
  const kept = !isMask && !job.reselect;
  const plain = isPlain(job);
  const isFisher = job.weighed == BY_FISHER;
  const few = !kept && rule == ADAM && job.k <= job.elements / LEAST_QUICK;
  const quick = few && (isFisher ? canWeighQuickly(job) : plain);
  if (quick) writeBounds(job);
  let mask = job.mask;
  let word: u32 = 0;
  let rank: u32 = 0;

  for (let r: u32 = 0; r < job.rowCount; r++) {
    const row = rowAt(job, r);
    let theta = row.theta;
    let gradient = row.gradient;
    let slot0 = row.slot0;
    let slot1 = row.slot1;
    let out = row.out;
    let weights = row.weights;
    for (let left = row.size; left > 0; ) {
      const words = max(1, min(left >> 5, BLOCK));
      const bytes: usize = words << 7;
      const target = out;
      if (left < 32) {
        const tail = fillTail(job, row);
        theta = tail;
        gradient = tail + 128;
        slot0 = tail + 256;
        slot1 = tail + 384;
        out = tail + 512;
        weights = tail + 640;
      }

      const mustMiss = !job.exact && (job.chosen >= job.k || job.candidates > job.listRoom);
      const guard = rule >= SGD && (fresh ? !isFinite(job, bytes, gradient, left) : job.nonFiniteGradients != 0);
      if (quick && !mustMiss && !guard) {
        rank = chooseQuickly(job, fresh, bytes, mask, rank, theta, gradient, slot0, slot1, out, target, left, word);
      } else {
        let proposals = gradient;
        if (rule >= SGD) {
          // Where most of the new values are proposals these are written in place.
          proposals = job.dense ? out : tables + PROPOSALS;
          proposeBlock(job, fresh, guard, bytes, theta, gradient, slot0, slot1, proposals, mask, rank);
        }
        if (isMask) {
          chooseMask(job, bytes, proposals, row.theta ? theta : tables + ZEROS, weights, out, target, left, word);
        } else if (kept) {
          rank = keep(job, bytes, mask, rank, proposals, theta, out, left);
        } else if (mustMiss) {
          rank = skip(bytes, mask, rank);
        } else if (plain) {
          rank = choosePlainly(job, bytes, mask, rank, proposals, theta, out, target, left, word);
        } else {
          const own = isFisher ? slot1 : weights;
          rank = chooseCarefully(job, bytes, mask, rank, proposals, theta, own, out, target, left, word);
        }
      }
      word += words;
      mask += words << 2;
      if (left < 32) {
        emptyTail(job, row, target, fresh);
        break;
      }
      left -= words << 5;
      theta += bytes;
      gradient += bytes;
      slot0 += bytes;
      slot1 += bytes;
      weights += bytes;
      out += isMask ? bytes >> 2 : bytes;
    }
  }
  job.oldSize = rank;
}

/** Copies what a tensor has beyond its last full word into a buffer of whole words, where zeros follow it. */
export function fillTail(job: Job, row: Row): usize {
  const tail = job.tables + TAIL;
  const start: usize = (row.size & ~31) << 2;
  const bytes: usize = (row.size & 31) << 2;
  memory.fill(tail, 0, 6 * 128);
  if (row.theta) memory.copy(tail, row.theta + start, bytes);
  memory.copy(tail + 128, row.gradient + start, bytes);
  if (job.rule >= MOMENTUM) memory.copy(tail + 256, row.slot0 + start, bytes);
  if (job.rule == ADAM) memory.copy(tail + 384, row.slot1 + start, bytes);
  if (row.weights) memory.copy(tail + 640, row.weights + start, bytes);
  return tail;
}

/** Copies the new values of a tail back, and its slots where they are updated. */
export function emptyTail(job: Job, row: Row, target: usize, fresh: bool): void {
  const tail = job.tables + TAIL;
  const start: usize = (row.size & ~31) << 2;
  const bytes: usize = (row.size & 31) << 2;
  memory.copy(target, tail + 512, job.rule == MASK ? bytes >> 2 : bytes);
  if (!fresh) return;
  if (job.rule >= MOMENTUM) memory.copy(row.slot0 + start, tail + 256, bytes);
  if (job.rule == ADAM) memory.copy(row.slot1 + start, tail + 384, bytes);
}
