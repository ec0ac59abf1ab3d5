import {freeBuffers} from './free-buffers.js';
import {alternate, summary, type Timed, type Took} from './times.js';

/** A side of a comparison: runs once and says how long that took. */
export interface Side {
  run: Timed;
  dispose(): void;
}

const MINUTE = 60_000;

/** By name the number of parameters at which another way was too slow: there it is not tried again. */
const tooSlow = new Map<string, number>();

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
): Promise<Took[][] | undefined> {
  await freeBuffers();
  let other: Side | undefined;
  let reason: unknown;
  try {
    if (tooSlow.get(name) === n) throw new Error('has taken more than a minute a call');
    other = makeOther();
    const {run} = other;
    const runWithinAMinute = async () => {
      const took = await run();
      if (took.wall < MINUTE) return took;
      tooSlow.set(name, n);
      throw new Error(`a call took ${(took.wall / 1000).toFixed(0)} s, more than a minute`);
    };
    return await alternate([...ours, runWithinAMinute], turns);
  } catch (error) {
    reason = error;
  } finally {
    other?.dispose();
  }
  const held = await freeBuffers();
  const gibibytes = held > 0 ? `; the backend held ${(held / 2 ** 30).toFixed(1)} GiB` : '';
  console.warn(`no row for ${name} at n = ${n}: ${messageOf(reason)}${gibibytes}`);
  try {
    const {median, min, max} = summary((await alternate(ours.slice(0, 1), turns))[0]);
    console.warn(`ours alone: ${median.toFixed(1)} ms (${min.toFixed(1)}–${max.toFixed(1)})`);
  } catch (error) {
    console.warn(`ours alone fails too: ${messageOf(error)}`);
  }
  return undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
