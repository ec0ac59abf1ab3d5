import {decide} from './candidates';
import {commit} from './commit';
import {CROWDED, estimate, GOOD, OFF, probe, setKnown} from './estimate';
import {histogram} from './histogram';
import {INFINITE, Job, rowAt, SGD, wordsOf} from './job';
import {pass} from './pass';
import {
  ENTERED,
  HITS,
  LEFT,
  learn,
  MISSES,
  NON_FINITE_GRADIENTS,
  NON_FINITE_PROPOSALS,
  PATH,
  predict,
  SIZE,
} from './predict';
import {writeTables} from './tables';

/** Values of PATH. */
const KEPT: i32 = 1;
const HIT: i32 = 2;
const MISS: i32 = 3;

/** Above this share of chosen elements, 1 in so many, words are looked at closely at once. */
const DENSE: u32 = 20;

/** Prepares a job: everything that follows from what the caller wrote. */
function begin(job: Job): void {
  writeTables(job);
  job.words = 0;
  job.elements = 0;
  for (let r: u32 = 0; r < job.rowCount; r++) {
    const size = rowAt(job, r).size;
    job.elements += size;
    job.words += wordsOf(size);
  }
  job.dense = job.k > job.elements / DENSE ? 1 : 0;
  job.nonFiniteGradients = 0;
}

/**
 * A pass with a window from a sample.
 *
 * @param fresh whether the pass is to update slots: it is then made in any case
 * @returns what {@link decide} does
 */
function passBySample(job: Job, fresh: bool): i32 {
  if (!estimate(job, fresh) && !fresh) return -1;
  pass(job, fresh);
  return decide(job);
}

/** Two scans for the k-th distance, and a pass. Slots must be updated. */
function passByHistogram(job: Job): i32 {
  histogram(job);
  pass(job, false);
  return decide(job);
}

/** Writes the mask. */
export function topKMask(job: Job): void {
  begin(job);
  if (job.k > 0) {
    if (passBySample(job, false) < 0) passByHistogram(job);
  } else {
    setKnown(job, INFINITE, 0);
    pass(job, false);
  }
}

/** Writes new values, and updates slots and state in place. */
export function subsetStep(job: Job): void {
  begin(job);
  const info = job.info;
  const hasRule = job.rule >= SGD;
  if (job.reselect) {
    const foreseen = predict(job);
    const crowd = job.low;
    const verdict = foreseen ? probe(job, hasRule) : OFF;
    let threshold: i32 = -1;
    let isCrowded = verdict == CROWDED;
    let isHit = false;
    if (verdict == GOOD) {
      pass(job, hasRule);
      threshold = decide(job);
      isHit = threshold >= 0;
      isCrowded = job.candidates > job.listRoom;
    }
    if (threshold < 0) threshold = passBySample(job, hasRule && verdict != GOOD);
    if (threshold < 0) threshold = passByHistogram(job);
    commit(job);
    learn(job, threshold, isCrowded, crowd);
    store<i32>(info, job.chosen, SIZE);
    store<i32>(info, job.entered, ENTERED);
    store<i32>(info, job.left, LEFT);
    const count: usize = isHit ? HITS : MISSES;
    store<i32>(info + count, load<i32>(info + count) + 1);
    store<i32>(info, isHit ? HIT : MISS, PATH);
  } else {
    pass(job, hasRule);
    store<i32>(info, 0, ENTERED);
    store<i32>(info, 0, LEFT);
    store<i32>(info, KEPT, PATH);
  }
  store<i32>(info, job.nonFiniteGradients, NON_FINITE_GRADIENTS);
  store<i32>(info, job.nonFiniteProposals, NON_FINITE_PROPOSALS);
}
