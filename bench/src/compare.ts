import {alternate, summary, type Timed} from './times.js';

/** A side of a comparison: runs once and says how long that took. */
export interface Side {
  run: Timed;
  dispose(): void;
}

const MINUTE = 60_000;

/**
 * Times ours and another way to do the same in turns. A way that fails, say for want of memory, or takes longer than a
 * minute is left out with a word about it, and the first of ours runs alone.
 *
 * @param name what the other way is called
 * @param n how many parameters
 * @returns the times of each of ours, then those of the other; undefined where that is left out
 */
export async function compare(
  name: string,
  n: number,
  ours: readonly Timed[],
  makeOther: () => Side,
  turns: number,
): Promise<number[][] | undefined> {
  let other: Side | undefined;
  let reason: unknown;
  try {
    other = makeOther();
    const {run} = other;
    return await alternate([...ours, () => withinAMinute(run)], turns);
  } catch (error) {
    reason = error;
  } finally {
    other?.dispose();
  }
  console.warn(`no row for ${name} at n = ${n}: ${reason instanceof Error ? reason.message : reason}`);
  const {median, min, max} = summary((await alternate(ours.slice(0, 1), turns))[0]);
  console.warn(`ours alone: ${median.toFixed(1)} ms (${min.toFixed(1)}–${max.toFixed(1)})`);
  return undefined;
}

async function withinAMinute(run: Timed): Promise<number> {
  const took = await run();
  if (took > MINUTE) throw new Error(`a call took ${(took / 1000).toFixed(0)} s, more than a minute`);
  return took;
}
