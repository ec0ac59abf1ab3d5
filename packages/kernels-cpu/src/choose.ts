import {Info, Path} from '@subset-tuning/kernels';
import {countAll, countBits, INFINITE, lowestBit, SMALLEST} from './bits.js';
import {Candidates} from './candidates.js';
import {exactThreshold, type Stream, sampledWindow} from './histogram.js';
import {measure} from './measure.js';
import {probe} from './probe.js';
import {sampled} from './sample.js';
import {BLOCK, scratch} from './scratch.js';
import {SeedList} from './seed-list.js';
import {LISTED, type Limits, NOTHING, settle, type Verdict} from './settle.js';
import {forEachBlock, type Propose, type Silo, type When} from './silo.js';
import {candidateRoom, predict, remember} from './window.js';

/** From so many elements a window is made, but from 1/64 to 1/4 of all. */
const SAMPLE = 1 << 16;
/** By so many it is tested, but at most 1/32 of all, and not by fewer than the least. */
const PROBE = 1 << 13;
const LEAST_PROBE = 1 << 10;

const {seeds, seedBits, proposalBits, distanceBits, chosenSeeds} = scratch;
const candidates = new Candidates();

/**
 * Steps 2 to 4 of the method for proposals that are made block by block: chooses the k that lie farthest from their
 * seeds, which `silo.next` then has, beside the seed everywhere else.
 *
 * One pass over the silo, with the predicted window, or where a small sample shows that this would miss, one that a
 * larger sample suggests. Should that miss all the same, a second pass with a window from a sample, and should that miss
 * too, two passes for the exact threshold and a last one.
 * Temporary memory: a bit a parameter for the new mask, the candidates' lists, the counts of the histograms.
 *
 * @param info is brought up to date
 * @param newSeeds where the new seeds go; may be the memory of the old ones
 * @returns the new mask
 */
export function choose(
  silo: Silo,
  propose: Propose,
  info: Int32Array,
  oldSeeds: Int32Array,
  newSeeds: Int32Array,
): Int32Array {
  const {sizes, k} = silo.attrs;
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const room = candidateRoom(n);
  const words = new Int32Array(silo.mask.length);
  const size = countAll(silo.mask);
  const list = new SeedList(oldSeeds, size, newSeeds);

  const attempt = (limits: Limits, isFirst: boolean): Verdict => {
    candidates.open(room);
    return settle(silo, propose, limits, words, list, candidates, isFirst);
  };

  const sample = (count: number, when: When) => sampled(silo, propose, count, when, oldSeeds);
  const suggest = (when: When) =>
    room === n ? EVERYTHING : sampledWindow(sample(clamp(SAMPLE, n / 64, n / 4), when), k, n, room);

  const foreseen = k === 0 ? NOTHING : predict(info);
  const probed = Math.min(PROBE, n / 32);
  const isProbed = foreseen !== undefined && k > 0 && probed >= LEAST_PROBE;
  const omen = isProbed ? probe(foreseen, sample(probed, 'before'), k, n, room) : 'good';
  const isTrusted = foreseen !== undefined && omen === 'good';
  let limits = isTrusted ? foreseen : suggest('before');
  let verdict = attempt(limits, true);
  const {nonFiniteGradients} = verdict;
  let {isDecided, threshold, need} = conclude(silo, propose, limits, verdict, words, list);
  const isHit = isTrusted && isDecided;
  const isCrowded = omen === 'crowded' || (isTrusted && candidates.isFull);
  const crowd = foreseen && isCrowded ? foreseen.least : 0;
  if (!isDecided && isTrusted) {
    undo(silo, words, list);
    limits = suggest('again');
    verdict = attempt(limits, false);
    ({isDecided, threshold, need} = conclude(silo, propose, limits, verdict, words, list));
  }
  if (!isDecided) {
    undo(silo, words, list);
    let ties: number;
    ({threshold, ties} = exactThreshold(measured(silo, propose), k));
    limits = threshold === 0 ? NOTHING : {least: threshold, most: threshold, ties};
    verdict = attempt(limits, false);
  }
  list.finish();

  remember(info, threshold, limits, candidates, need, crowd, {k, n, isHit});
  const left = size - countCommon(silo.mask, words);
  info[Info.size] = list.size;
  info[Info.entered] = list.size - size + left;
  info[Info.left] = left;
  info[Info.threshold] = threshold;
  info[Info.nonFiniteGradients] = nonFiniteGradients;
  info[Info.nonFiniteProposals] = verdict.nonFiniteProposals;
  info[Info.path] = isHit ? Path.hit : Path.miss;
  info[isHit ? Info.hits : Info.misses]++;
  return words;
}

/** Leaves everything that may be chosen to the list. */
const EVERYTHING: Limits = {least: SMALLEST, most: INFINITE, ties: LISTED};

/** What can be said after a pass. */
interface Conclusion {
  /** Whether what is chosen is the subset. */
  isDecided: boolean;
  /** The smallest distance that was chosen, 0 if none was. */
  threshold: number;
  /** How many of the candidates were chosen. */
  need: number;
}

/** Chooses the rest among a pass's candidates, if they must hold it. */
function conclude(
  silo: Silo,
  propose: Propose,
  {least}: Limits,
  {chosen, isComplete}: Verdict,
  words: Int32Array,
  list: SeedList,
): Conclusion {
  const {k} = silo.attrs;
  const need = Math.min(k - chosen, candidates.count);
  const isShort = chosen + need < k && least > SMALLEST;
  if (!isComplete || isShort) return UNDECIDED;
  const nearest = silo.metric.weighing ? nearestWeighed : nearestChosen;
  const threshold = need > 0 ? candidates.choose(need, silo, words, list) : nearest(silo, words, list, propose);
  return {isDecided: true, threshold, need};
}

const UNDECIDED: Conclusion = {isDecided: false, threshold: 0, need: 0};

/** The smallest distance of what a pass has chosen, 0 if that is nothing. */
function nearestChosen({attrs, metric, nextBits}: Silo, words: Int32Array, list: SeedList): number {
  let nearest = INFINITE;
  let rank = 0;
  let packed = 0;
  const flush = () => {
    measure(packed, metric);
    for (let j = 0; j < packed; j++) nearest = Math.min(nearest, distanceBits[j]);
    packed = 0;
  };
  forEachBlock(attrs.sizes, (tensor, start, length, firstWord) => {
    for (let w = firstWord, base = start; base < start + length; w++, base += 32) {
      for (let rest = words[w]; rest !== 0; rest &= rest - 1) {
        seedBits[packed] = list.bits[rank++];
        proposalBits[packed++] = nextBits[tensor][base + lowestBit(rest)];
        if (packed === BLOCK) flush();
      }
    }
  });
  flush();
  return rank > 0 ? nearest : 0;
}

/** As {@link nearestChosen}, where distances are weighed: the weights are made again, block by block. */
function nearestWeighed({attrs, metric, next}: Silo, words: Int32Array, list: SeedList, propose: Propose): number {
  let nearest = INFINITE;
  let rank = 0;
  forEachBlock(attrs.sizes, (tensor, start, length, firstWord) => {
    const first = rank;
    seeds.set(next[tensor].subarray(start, start + length));
    for (let w = firstWord, base = 0; base < length; w++, base += 32) {
      for (let rest = words[w]; rest !== 0; rest &= rest - 1) seedBits[base + lowestBit(rest)] = list.bits[rank++];
    }
    if (rank === first) return;
    propose(tensor, start, length, 'again');
    measure(length, metric);
    for (let w = firstWord, base = 0; base < length; w++, base += 32) {
      for (let rest = words[w]; rest !== 0; rest &= rest - 1) {
        nearest = Math.min(nearest, distanceBits[base + lowestBit(rest)]);
      }
    }
  });
  return rank > 0 ? nearest : 0;
}

/** Makes `next` the seed again after a pass that could not tell. */
function undo({attrs, nextBits}: Silo, words: Int32Array, list: SeedList): void {
  list.rewind();
  forEachBlock(attrs.sizes, (tensor, start, length, firstWord) => {
    const end = firstWord + Math.ceil(length / 32);
    let count = 0;
    for (let w = firstWord; w < end; w++) count += countBits(words[w]);
    list.take(count);
    let rank = 0;
    for (let w = firstWord, base = start; w < end; w++, base += 32) {
      for (let rest = words[w]; rest !== 0; rest &= rest - 1) {
        nextBits[tensor][base + lowestBit(rest)] = chosenSeeds[rank++];
      }
    }
  });
}

/** How many bits are set in both masks. */
function countCommon(a: Int32Array, b: Int32Array): number {
  let count = 0;
  for (let w = 0; w < a.length; w++) count += countBits(a[w] & b[w]);
  return count;
}

function clamp(x: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, x));
}

/** All distances, once `next` is the seed. */
function measured({attrs, metric, next}: Silo, propose: Propose): Stream {
  return (visit) =>
    forEachBlock(attrs.sizes, (tensor, start, length) => {
      seeds.set(next[tensor].subarray(start, start + length));
      propose(tensor, start, length, 'again');
      measure(length, metric);
      visit(length);
    });
}
