import {TemporaryError} from './temporary-error.js';

/** How often what failed is tried again, and who waits in between. */
export interface RetryPolicy {
  /** How many times in a row without progress. */
  readonly retries: number;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly signal: AbortSignal | undefined;
}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
/** What a server may ask to wait at most; where it asks for more, whoever called should know. */
const LONGEST_ASKED = 600_000;

/**
 * Does some work, and where it fails for a while does it again: after as long as the server asked for, or else after
 * 0.5 s, 1 s, 2 s and so on, drawn from the upper half so that clients do not come back all at once.
 *
 * @param progress Tells how far the work has come. Where it came further than the last time, counting starts anew.
 */
export async function retry<T>(
  work: () => Promise<T>,
  {retries, wait, signal}: RetryPolicy,
  progress: () => number = () => 0,
): Promise<T> {
  let failures = 0;
  let reached = progress();
  for (;;) {
    try {
      signal?.throwIfAborted();
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof TemporaryError)) throw error;
      failures = progress() > reached ? 1 : failures + 1;
      reached = Math.max(reached, progress());
      if (failures > retries) {
        throw new Error(`${error.message}; given up after ${failures} ${failures === 1 ? 'try' : 'tries'}`, {
          cause: error,
        });
      }
      const {after} = error;
      if (after !== undefined && after > LONGEST_ASKED) {
        throw new Error(`${error.message}, and asks to wait ${Math.round(after / 1000)} s: try again then`, {
          cause: error,
        });
      }
      const most = Math.min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT);
      await abortable(wait(after ?? most * (0.5 + Math.random() / 2)), signal);
    }
  }
}

/** A promise that also fails when a signal aborts. */
async function abortable(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return promise;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
