import {settle} from './settle.js';

/** Milliseconds. */
export interface Times {
  median: number;
  min: number;
  max: number;
}

export function summary(times: readonly number[]): Times {
  const sorted = times.toSorted((a, b) => a - b);
  return {median: sorted[sorted.length >> 1], min: sorted[0], max: sorted[sorted.length - 1]};
}

/** Runs once and resolves to how many milliseconds it took; what it prepares need not count. */
export type Timed = () => Promise<number>;

/** From when the backend has nothing else to do until it has done what is run. */
export async function time(run: () => void): Promise<number> {
  await settle();
  const start = performance.now();
  run();
  await settle();
  return performance.now() - start;
}

/**
 * Times all sides in turns in one run, so that whatever else the machine does hits each of them alike. Before the first
 * turn each side runs until the engine has compiled it: 15 calls within 2 seconds. A turn is two calls that do not
 * count, then up to 8 within half a second that do, at least one. Garbage is collected before each turn, so that no side
 * pays for another's.
 *
 * @returns the times of each side
 */
export async function alternate(sides: readonly Timed[], turns: number): Promise<number[][]> {
  for (const side of sides) await repeat(side, 15, 2000);
  const times = sides.map((): number[] => []);
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, side] of sides.entries()) {
      collectGarbage();
      await repeat(side, 2, 500);
      times[i].push(...(await repeat(side, 8, 500)));
    }
  }
  return times;
}

/** Runs a side so many times or for so long, at least once. */
async function repeat(side: Timed, calls: number, milliseconds: number): Promise<number[]> {
  const end = performance.now() + milliseconds;
  const times = [await side()];
  while (times.length < calls && performance.now() < end) times.push(await side());
  return times;
}

function collectGarbage(): void {
  if (!globalThis.gc) throw new Error('there is no gc(); expected an engine started with --expose-gc');
  globalThis.gc();
}
