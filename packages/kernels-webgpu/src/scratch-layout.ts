/** How many mask words a thread of the scans takes. */
export const THREAD_WORDS = 32;
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
  /** By which gradients are multiplied. */
  scale: 13,
  /** 1 where too many exceed `most`: those are the candidates then. */
  rise: 14,
  /** Of each target the high bits of its distance, as far as they are known; in the end the distance itself. */
  prefix: 16,
  /** Of each target its rank among those of this prefix. In the end the first says how many of the ties are chosen. */
  need: 16 + TARGETS,
  /** 1 where the list has room for all candidates, and how many are in it. */
  fits: 16 + 2 * TARGETS,
  listed: 17 + 2 * TARGETS,
} as const;
const HEAD_WORDS = 64;

/** Where things lie in the scratch memory, in 32-bit words. */
export const HISTOGRAM = HEAD_WORDS;
const GROWING = HEAD_WORDS + BINS;

/** Where the parts lie that grow with the mask: a word for each of its words, and what a scan keeps. */
export interface ScratchLayout {
  /** The entries whose distance reaches `least`; of a top-k mask at last those that are chosen. */
  reaching: number;
  /** First the entries whose distance exceeds `most`, then all above the k-th, at last how many are chosen before a word. */
  above: number;
  /** The entries at the k-th distance. All that lies before the next must be zero at the start. */
  ties: number;
  /** How many chosen entries of the old subset come before a word. */
  ranks: number;
  /** Of each thread of a scan what its words have, then what those before have: a pair. */
  sums: number;
  /** The candidates where they are few: their places in the mask, then their distances. */
  list: number;
  /** Length of all. */
  length: number;
}

/** Scratch memory of a silo: four words for each word of its mask, two for each candidate of a list, and a constant. */
export function scratchLayout(words: number, capacity: number): ScratchLayout {
  const [reaching, above, ties, ranks, sums] = [0, 1, 2, 3, 4].map((part) => GROWING + part * words);
  const list = sums + 2 * Math.ceil(words / THREAD_WORDS);
  return {reaching, above, ties, ranks, sums, list, length: list + 2 * capacity};
}
