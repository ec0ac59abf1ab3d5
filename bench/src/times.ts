import {GpuClock} from './gpu-clock.js';
import {settle} from './settle.js';

/** Milliseconds. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** By the clock on the wall. */
export interface Times extends Spread {
  /** By the GPU's own clock, where it has one: without what JavaScript takes to record the work. */
  gpu?: Spread;
}

/** What one call took, in milliseconds. */
export interface Took {
  wall: number;
  gpu?: number | undefined;
}

export function summary(tooks: readonly Took[]): Times {
  const gpu = tooks.flatMap(({gpu}) => gpu ?? []);
  return {...spread(tooks.map(({wall}) => wall)), ...(gpu.length > 0 && {gpu: spread(gpu)})};
}

export function spread(times: readonly number[]): Spread {
  const sorted = times.toSorted((a, b) => a - b);
  return {median: sorted[sorted.length >> 1], min: sorted[0], max: sorted[sorted.length - 1]};
}

/** Runs once, or some times in a row, and resolves to what one call took; what it prepares need not count. */
export type Timed = () => Promise<Took>;

/** From when the backend has nothing else to do until it has done all that is run, divided by how many are run. */
export async function time(...runs: (() => void)[]): Promise<Took> {
  const gpuClock = GpuClock.ofActiveBackend(2 * runs.length);
  await settle();
  const start = performance.now();
  for (const run of runs) {
    gpuClock?.mark();
    run();
    gpuClock?.mark();
  }
  await settle();
  const wall = (performance.now() - start) / runs.length;
  return {wall, gpu: await gpuClock?.read()};
}

/**
 * Times all sides in turns in one run, so that whatever else the machine does hits each of them alike. Before the first
 * turn each side runs until the engine has compiled it: 15 calls within 2 seconds. A turn is two calls that do not
 * count, then up to 8 within half a second that do, at least one. Garbage is collected before each turn, so that no side
 * pays for another's.
 *
 * @returns the times of each side
 */
export async function alternate(sides: readonly Timed[], turns: number): Promise<Took[][]> {
  for (const side of sides) await repeat(side, 15, 2000);
  const times = sides.map((): Took[] => []);
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
async function repeat(side: Timed, calls: number, milliseconds: number): Promise<Took[]> {
  const end = performance.now() + milliseconds;
  const times = [await side()];
  while (times.length < calls && performance.now() < end) times.push(await side());
  return times;
}

function collectGarbage(): void {
  if (!globalThis.gc) throw new Error('there is no gc(); expected an engine started with --expose-gc');
  globalThis.gc();
}
