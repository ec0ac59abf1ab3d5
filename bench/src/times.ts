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
 * Times all sides in turns in one run, so that whatever else the machine does hits each of them alike. A turn is one
 * call that does not count, then some that do: up to 8 within half a second, at least one. Garbage is collected before
 * each turn, so that no side pays for another's.
 *
 * @returns the times of each side
 */
export function alternate(sides: readonly Timed[], turns: number): number[][] {
  const times = sides.map((): number[] => []);
  for (let turn = 0; turn < turns; turn++) {
    sides.forEach((side, i) => {
      collectGarbage();
      side();
      const end = performance.now() + 500;
      for (let n = 0; n < 8 && (n === 0 || performance.now() < end); n++) times[i].push(side());
    });
  }
  return times;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
