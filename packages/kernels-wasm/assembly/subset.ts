/**
 * The subset kernels: see `subset/step.ts` for the order of things, `subset/pass.ts` for the pass that takes the time.
 * All of it works on the caller's memory: `subset/job.ts` says what it must be told.
 */
import {CANDIDATE_BYTES as candidateBytes} from './subset/candidates';
import {Job, Row, rowAt} from './subset/job';
import {CHANGE_BYTES as changeBytes} from './subset/log';
import {emptyTail, fillTail} from './subset/pass';
import {adam} from './subset/rule';
import {TABLE_BYTES as tableBytes, writeTables} from './subset/tables';

export {subsetStep, topKMask} from './subset/step';

export const JOB_BYTES = offsetof<Job>();
export const ROW_BYTES = offsetof<Row>();
export const TABLE_BYTES = tableBytes;
export const CANDIDATE_BYTES = candidateBytes;
export const CHANGE_BYTES = changeBytes;

/** A dense step of Adam on a job's only row: the floor under the time of `subsetStep`, for benchmarks. */
export function denseAdam(job: Job): void {
  writeTables(job);
  const row = rowAt(job, 0);
  const bytes: usize = (row.size & ~31) << 2;
  adam(job, true, false, bytes, row.theta, row.theta, row.gradient, row.slot0, row.slot1, row.out);
  if ((row.size & 31) == 0) return;
  const tail = fillTail(job, row);
  adam(job, true, false, 128, tail, tail, tail + 128, tail + 256, tail + 384, tail + 512);
  emptyTail(job, row, row.out + bytes, true);
}
