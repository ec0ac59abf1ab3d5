import {countBits, floatOf, INFINITE, lowestBit} from './bits.js';
import type {Candidates} from './candidates.js';
import {beyond, distanceAt, isNonFinite, mark, type Weighing} from './measure.js';
import {BLOCK, scratch} from './scratch.js';
import type {SeedList} from './seed-list.js';
import type {Propose, Silo} from './silo.js';

const {seeds, seedBits, proposalBits, distanceBits, chosenSeeds, words: marked} = scratch;

/**
 * How a pass decides, by the bits of distances. Above `most` an entry is chosen, below `least` it is not. Between them
 * it becomes a candidate if `ties` is {@link LISTED}, else it is chosen while `ties` of them last.
 */
export interface Limits {
  least: number;
  most: number;
  ties: number;
}

/** Says that what lies between the limits is to be listed. */
export const LISTED = -1;

/** A little more than the half unit in the last place by which a distance may be rounded down. */
const ABOVE = 1 + 2 ** -22;

/** Chooses nothing. */
export const NOTHING: Limits = {least: INFINITE, most: INFINITE, ties: 0};

/** What a pass did. */
export interface Verdict {
  /** How many entries it chose. */
  chosen: number;
  /** False where there were more to choose than the budget, or more candidates than there is room for. */
  isComplete: boolean;
  nonFiniteGradients: number;
  nonFiniteProposals: number;
}

/**
 * One pass over a silo: proposes, chooses what surely is in the subset, lists what may be, and makes everything else
 * the seed.
 *
 * @param words where the chosen entries' bits go
 * @param isFirst whether the slots are to be updated, and the seeds to be found by the old subset; else `next` has them
 */
export function settle(
  silo: Silo,
  propose: Propose,
  limits: Limits,
  words: Int32Array,
  list: SeedList,
  candidates: Candidates,
  isFirst: boolean,
): Verdict {
  const {attrs, metric, next} = silo;
  const {sizes} = attrs;
  const verdict = {chosen: 0, isComplete: true, nonFiniteGradients: 0, nonFiniteProposals: 0};
  const open = {...limits};
  let firstWord = 0;
  for (let tensor = 0; tensor < sizes.length; tensor++) {
    for (let start = 0; start < sizes[tensor]; start += BLOCK) {
      const length = Math.min(BLOCK, sizes[tensor] - start);
      if (isFirst) recall(silo, tensor, start, length, firstWord, list);
      else seeds.set(next[tensor].subarray(start, start + length));
      verdict.nonFiniteGradients += propose(tensor, start, length, isFirst ? 'now' : 'again');
      const isMeasured = mark(length, metric, limits.least);
      settleBlock(length, firstWord, isMeasured, metric.weighing, open, attrs.k, words, list, candidates, verdict);
      next[tensor].set(length === BLOCK ? seeds : seeds.subarray(0, length), start);
      firstWord += Math.ceil(length / 32);
    }
  }
  return verdict;
}

/** Brings a block's seeds: the current values, but for the entries of the old subset. */
export function recall(
  {current, mask}: Silo,
  tensor: number,
  start: number,
  length: number,
  firstWord: number,
  list: SeedList,
): void {
  seeds.set(current[tensor].subarray(start, start + length));
  const end = firstWord + Math.ceil(length / 32);
  let count = 0;
  for (let w = firstWord; w < end; w++) count += countBits(mask[w]);
  if (count === 0) return;
  list.take(count);
  let rank = 0;
  for (let w = firstWord, base = 0; w < end; w++, base += 32) {
    for (let rest = mask[w]; rest !== 0; rest &= rest - 1) seedBits[base + lowestBit(rest)] = chosenSeeds[rank++];
  }
}

/** Makes the block's seeds the new values. */
function settleBlock(
  length: number,
  firstWord: number,
  isMeasured: boolean,
  weighing: Weighing | undefined,
  limits: Limits,
  k: number,
  words: Int32Array,
  list: SeedList,
  candidates: Candidates,
  verdict: Verdict,
): void {
  const {least, most} = limits;
  const ceiling = floatOf(most) * ABOVE;
  const before = verdict.chosen;
  let chosen = before;
  for (let base = 0, w = 0; base < length; base += 32, w++) {
    const open = marked[w];
    let word = 0;
    if (open !== 0 && !isMeasured && !weighing && k - chosen >= 32 && beyond(base, ceiling) === open) {
      // Nearly always: all that is marked lies beyond doubt, so that no distance need be looked at.
      word = open;
      for (let rest = open; rest !== 0; rest &= rest - 1) {
        const j = base + lowestBit(rest);
        const proposal = proposalBits[j];
        if ((proposal & INFINITE) === INFINITE) {
          verdict.nonFiniteProposals++;
          word ^= rest & -rest;
          continue;
        }
        chosenSeeds[chosen++ - before] = seedBits[j];
        seedBits[j] = proposal;
      }
      words[firstWord + w] = word;
      continue;
    }
    for (let rest = open; rest !== 0; rest &= rest - 1) {
      const j = base + lowestBit(rest);
      if (isNonFinite(j)) {
        verdict.nonFiniteProposals++;
        continue;
      }
      const distance = isMeasured ? distanceBits[j] : distanceAt(j, weighing);
      if (distance < least || distance > INFINITE) continue;
      if (distance <= most) {
        if (limits.ties === LISTED) {
          if (!candidates.add(32 * firstWord + j, distance, proposalBits[j], chosen)) verdict.isComplete = false;
          continue;
        }
        if (limits.ties === 0) continue;
        limits.ties--;
      }
      if (chosen === k) {
        verdict.isComplete = false;
        continue;
      }
      chosenSeeds[chosen++ - before] = seedBits[j];
      seedBits[j] = proposalBits[j];
      word |= rest & -rest;
    }
    words[firstWord + w] = word;
  }
  if (chosen > before) list.append(chosen - before);
  verdict.chosen = chosen;
}
