import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';

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

/** Runs once and returns how many milliseconds it took; what it prepares need not count. */
export type Timed = () => number;

export function time(run: () => void): number {
  const start = performance.now();
  run();
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
export function alternate(sides: readonly Timed[], turns: number): number[][] {
  for (const side of sides) repeat(side, 15, 2000);
  const times = sides.map((): number[] => []);
  for (let turn = 0; turn < turns; turn++) {
    sides.forEach((side, i) => {
      collectGarbage();
      repeat(side, 2, 500);
      times[i].push(...repeat(side, 8, 500));
    });
  }
  return times;
}

/** Runs a side so many times or for so long, at least once. */
function repeat(side: Timed, calls: number, milliseconds: number): number[] {
  const end = performance.now() + milliseconds;
  const times = [side()];
  while (times.length < calls && performance.now() < end) times.push(side());
  return times;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
