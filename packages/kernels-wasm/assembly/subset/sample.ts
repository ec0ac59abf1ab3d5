import {measure} from './distance';
import {Job, MASK, MOMENTUM, seek, SGD, SMALLEST_NORMAL} from './job';
import {fillTail} from './pass';
import {proposeBlock} from './rule';
import {expandSeeds} from './seeds';
import {DISTANCES, PROPOSALS, TAIL, ZEROS} from './tables';

/**
 * The distances of one word in every `stride`, drawn at random, in the list's memory.
 *
 * @param fresh whether slots are still to be updated by the step: they stay as they are, and distances are those to come
 * @returns how many distances there are
 */
export function sample(job: Job, stride: u32, fresh: bool): u32 {
  // Every distance counts.
  job.low = SMALLEST_NORMAL;
  job.seekRow = 0;
  job.seekWord = 0;
  const tables = job.tables;
  const tail = tables + TAIL;
  const hasRule = job.rule >= SGD;
  const guard = fresh || job.nonFiniteGradients != 0;
  let at = job.list;
  let mask = job.mask;
  let rank: u32 = 0;
  let random: u32 = 1;
  for (let first: u32 = 0; first < job.words; first += stride) {
    random = random * 1664525 + 1013904223;
    const word = first + (random >>> 8) % stride;
    if (word >= job.words) break;
    const row = seek(job, word);
    const start = (word - job.seekWord) << 5;
    const offset: usize = start << 2;
    const left = row.size - start;
    const isTail = left < 32;
    if (isTail) fillTail(job, row);
    const theta = !row.theta ? tables + ZEROS : isTail ? tail : row.theta + offset;
    const gradient = isTail ? tail + 128 : row.gradient + offset;
    let old: u32 = 0;
    if (job.rule != MASK) {
      const next = job.mask + (word << 2);
      rank += countBits(mask, next);
      mask = next;
      old = load<u32>(mask);
    }
    let proposals = gradient;
    let weights = isTail ? tail + 640 : row.weights + offset;
    if (hasRule) {
      proposals = tables + PROPOSALS;
      let slot0 = row.slot0 + offset;
      let slot1 = row.slot1 + offset;
      if (isTail || fresh) {
        if (!isTail && job.rule >= MOMENTUM) memory.copy(tail + 256, slot0, 128);
        if (!isTail && job.rule > MOMENTUM) memory.copy(tail + 384, slot1, 128);
        slot0 = tail + 256;
        slot1 = tail + 384;
      }
      proposeBlock(job, fresh, guard, 128, theta, gradient, slot0, slot1, proposals, mask, rank);
      weights = slot1;
    }
    measure(job, proposals, old ? expandSeeds(job, old, rank, theta) : theta, weights, left);
    memory.copy(at, tables + DISTANCES, 128);
    at += 128;
  }
  return <u32>(at - job.list) >> 2;
}

/** The bits of the mask from one address to another. */
function countBits(from: usize, to: usize): u32 {
  let count: u64 = 0;
  for (; from + 8 <= to; from += 8) count += popcnt(load<u64>(from));
  return <u32>count + (from < to ? popcnt(load<u32>(from)) : 0);
}
