/** Where one tensor of the silo lies. */
@unmanaged
export class Row {
  size: u32;
  /** The current values; of a mask the values y, or 0 where distances are from zero. */
  theta: usize;
  /** The gradients, or the proposals themselves where there is no update rule. */
  gradient: usize;
  slot0: usize;
  slot1: usize;
  /** The new values: floats, or of a mask bytes. */
  out: usize;
  /** Importances, where distances are weighed by such. */
  weights: usize;
}

/** What a call has to do, and its counters. Every field is 4 bytes, so that field i lies at 4i. */
@unmanaged
export class Job {
  // The caller writes these.
  rows: usize;
  rowCount: u32;
  rule: i32;
  /** The subset's bits and seeds, changed in place. `seeds` has room for the old subset and for the new one. */
  mask: usize;
  seeds: usize;
  seedRoom: u32;
  info: usize;
  /** Room for candidates and for changes, a multiple of 4 each. */
  list: usize;
  listRoom: u32;
  log: usize;
  logRoom: u32;
  tables: usize;
  k: u32;
  reselect: u32;
  distance: u32;
  eta: f32;
  /** By which every gradient is multiplied. */
  scale: f32;
  decay: u32;
  decayFactor: f32;
  nesterov: u32;
  /** The numbers of the rule: see `rule.ts`. */
  c0: f32;
  c1: f32;
  c2: f32;
  c3: f32;
  c4: f32;
  /** By what distances are multiplied, if anything. */
  weighed: u32;
  /** √correction2, by which the root of a second moment is divided. */
  root2: f32;

  // These are the module's own.
  words: u32;
  elements: u32;
  /** Distances are compared as bits: those from `high` on are chosen, those below `low` are not. */
  low: i32;
  high: i32;
  /** Whether the k-th distance is known: it is `low`, and the first `quota` elements that far are chosen. */
  exact: u32;
  quota: u32;
  /** Whether so many elements are chosen that no word is worth a quick look. */
  dense: u32;
  chosen: u32;
  candidates: u32;
  changed: u32;
  oldSize: u32;
  /** Changes in the log, and the words that come after a full log, with the entries of the old subset before them. */
  logged: u32;
  unlogged: u32;
  unloggedRank: u32;
  nonFiniteGradients: u32;
  nonFiniteProposals: u32;
  entered: u32;
  left: u32;
  /** How many distances lie in the list's memory, and which of them, in descending order, is the threshold. */
  listed: u32;
  listRank: u32;
  /** Where `seek` stands: a row's number and its first word. */
  seekRow: u32;
  seekWord: u32;
}

/** Update rules, and the kernels without one: 0 for TopKMask, 1 for SubsetProject. */
export const MASK: i32 = 0;
export const SGD: i32 = 2;
export const MOMENTUM: i32 = 3;
export const ADAM: i32 = 4;

export const ABSOLUTE: u32 = 0;
export const RELATIVE: u32 = 1;
export const WEIGHTED: u32 = 2;

/** `weighed` is 0 for not, 1 for by importances, and this for by √v̂ of Adam's second moments v. */
export const BY_FISHER: u32 = 2;

/** Decay is 0 for none. */
export const DECAY_TO_ZERO: u32 = 1;
export const DECAY_TO_SEED: u32 = 2;

/** The bits of 2⁻¹²⁶, of infinity, and of all but the sign. */
export const SMALLEST_NORMAL: i32 = 0x00800000;
export const INFINITE: i32 = 0x7f800000;
export const MAGNITUDE: i32 = 0x7fffffff;

export function rowAt(job: Job, i: u32): Row {
  return changetype<Row>(job.rows + <usize>i * offsetof<Row>());
}

export function wordsOf(size: u32): u32 {
  return (size + 31) >> 5;
}

/** 1 in each bit of a word that is an element's, where `left` elements of the tensor are left. */
export function validBits(left: u32): u32 {
  return left < 32 ? (1 << left) - 1 : 0xffffffff;
}

/** The tensor that a word of the mask belongs to; `job.seekWord` is its first word. Fast where words come in order. */
export function seek(job: Job, word: u32): Row {
  while (word < job.seekWord) job.seekWord -= wordsOf(rowAt(job, --job.seekRow).size);
  let row = rowAt(job, job.seekRow);
  while (word >= job.seekWord + wordsOf(row.size)) {
    job.seekWord += wordsOf(row.size);
    row = rowAt(job, ++job.seekRow);
  }
  return row;
}
