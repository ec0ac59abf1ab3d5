import {decide} from './candidates';
import {commit} from './commit';
import {estimate, histogram, setKnown} from './estimate';
import {INFINITE, Job, MASK, rowAt, SGD, wordsOf} from './job';
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

/** What follows where the first pass did not decide: a window from a sample, and failing that the histogram. */
function selectAnew(job: Job): i32 {
  let threshold: i32 = -1;
  if (estimate(job)) {
    pass(job, false);
    threshold = decide(job);
  }
  if (threshold < 0) {
    histogram(job);
    pass(job, false);
    threshold = decide(job);
  }
  return threshold;
}

/** Writes the mask. */
export function topKMask(job: Job): void {
  begin(job);
  if (job.k > 0) {
    selectAnew(job);
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
    let threshold: i32 = -1;
    // A rule's slots are to be updated in any case.
    if (foreseen || hasRule) {
      pass(job, hasRule);
      threshold = decide(job);
    }
    const isCrowded = foreseen && job.candidates > job.listRoom;
    const crowd = job.low;
    const isHit = foreseen && threshold >= 0;
    if (threshold < 0) threshold = selectAnew(job);
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
