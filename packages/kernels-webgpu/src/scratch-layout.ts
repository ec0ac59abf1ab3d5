/** How many mask words a workgroup of the scans takes: 64 threads with 32 words each. */
export const SCAN_WORDS = 2048;
/** Bins of the radix histogram: 11 bits of a distance at first, then 10 of each target's. */
export const BINS = 3072;

/** The ranks that a selection looks up: the k-th, and one to each side that bounds the next window. */
export const TARGETS = 3;

/** Places in the head of the scratch memory, in 32-bit words. */
export const Head = {
  /** Distances from here on, by their bits, may be chosen … */
  least: 0,
  /** … and those above this surely are. */
  most: 1,
  /** 1 where that was predicted. */
  predicted: 2,
  /** 1 where the prediction missed, so that proposals must be made again. */
  again: 3,
  /** How many distances reach `least`, and how many exceed `most`. */
  reachLeast: 4,
  exceedMost: 5,
  nonFiniteGradients: 6,
  nonFiniteProposals: 7,
  /** How many candidates there are, and how many of them are to be chosen. */
  candidates: 8,
  wanted: 9,
  size: 10,
  entered: 11,
  left: 12,
  /** 1 where too many exceed `most`: those are the candidates then. */
  rise: 14,
  /** By which gradients are multiplied. */
  scale: 13,
  /** Of each target the high bits of its distance, as far as they are known; in the end the distance itself. */
  prefix: 16,
  /** Of each target its rank among those of this prefix. In the end the first says how many of the ties are chosen. */
  need: 16 + TARGETS,
} as const;
const HEAD_WORDS = 64;

/** Where things lie in the scratch memory, in 32-bit words. */
export const HISTOGRAM = HEAD_WORDS;
const FIRST = HEAD_WORDS + BINS;

/** What is scanned: the old mask, who lies in the window and above it, the new mask. */
export type Scan = 'old' | 'window' | 'new';

/** Where the parts lie that grow with the mask: a word for each of its words, and six for each workgroup of a scan. */
export interface ScratchLayout {
  /**
   * First the entries whose distance reaches `least`, then those above the k-th distance, at last how many chosen
   * entries come before a word.
   */
  first: number;
  /** First the entries whose distance exceeds `most`, then those at the k-th distance. */
  second: number;
  /** How many chosen entries of the old subset come before a word. All that lies before this must be zero at the start. */
  ranks: number;
  /** The sums of each scan: they must be zero at the start. */
  scans: Record<Scan, number>;
  /** Length of all. */
  length: number;
}

/** Scratch memory of a silo: three words for each word of its mask, and a constant. */
export function scratchLayout(words: number): ScratchLayout {
  const each = 2 * Math.ceil(words / SCAN_WORDS);
  const sums = FIRST + 3 * words;
  const scans = {old: sums, window: sums + each, new: sums + 2 * each};
  return {first: FIRST, second: FIRST + words, ranks: FIRST + 2 * words, scans, length: sums + 3 * each};
}
