/** How many mask words a workgroup of the scans takes: 256 threads with 8 words each. */
export const SCAN_WORDS = 2048;
/** Bins of the radix histogram: 11 bits of a distance at once. */
export const BINS = 2048;

/** Places in the head of the scratch memory, in 32-bit words. */
export const Head = {
  /** Distances from here on, by their bits, may be chosen … */
  least: 0,
  /** … and from here on surely are. */
  most: 1,
  /** Where the k-th distance was expected; 0 where nothing was predicted. */
  center: 2,
  /** 1 where the prediction missed, so that proposals must be made again. */
  again: 3,
  /** How many distances reach `least`, and how many `most`. */
  reachLeast: 4,
  reachMost: 5,
  nonFiniteGradients: 6,
  nonFiniteProposals: 7,
  /** The high bits of the k-th distance, as far as they are known; in the end the distance itself. */
  prefix: 8,
  /** How many are to be chosen among those of this prefix; in the end how many of the ties. */
  need: 9,
  size: 10,
  entered: 11,
  left: 12,
  /** By which gradients are multiplied. */
  scale: 13,
} as const;
const HEAD_WORDS = 64;

/** Where things lie in the scratch memory, in 32-bit words. */
export const HISTOGRAM = HEAD_WORDS;
export const SUMS = HEAD_WORDS + BINS;
/** The part that must be zero at the start. */
export const CLEARED_WORDS = SUMS;

/** Where the parts lie that take a word for each word of the mask. */
export interface ScratchLayout {
  /** How many chosen entries of the old subset come before a word. */
  ranks: number;
  /**
   * First the entries whose distance reaches `least`, then those above the k-th distance, at last how many chosen
   * entries come before a word.
   */
  first: number;
  /** First the entries whose distance reaches `most`, then those at the k-th distance. */
  second: number;
  /** Length of all. */
  length: number;
}

/** Scratch memory of a silo: three words for each word of its mask, and a constant. */
export function scratchLayout(words: number): ScratchLayout {
  const ranks = SUMS + 2 * Math.ceil(words / SCAN_WORDS);
  return {ranks, first: ranks + words, second: ranks + 2 * words, length: ranks + 3 * words};
}
