import {Job} from './job';

/** A word of the mask whose bits change, or may once the window's elements are decided. */
@unmanaged
export class Change {
  word: u32;
  /** Its new bits. */
  bits: u32;
  /** How many entries of the old subset come before the word. */
  rank: u32;
}

export const CHANGE_BYTES: usize = offsetof<Change>();

export function changeAt(job: Job, i: u32): Change {
  return changetype<Change>(job.log + <usize>i * offsetof<Change>());
}

/** Notes a change, in the order of the words. Those beyond `logRoom` are only counted: `commit` finds them again. */
export function addChange(job: Job, word: u32, bits: u32, rank: u32): void {
  const i = job.changed++;
  if (i >= job.logRoom) return;
  const change = changeAt(job, i);
  change.word = word;
  change.bits = bits;
  change.rank = rank;
}
