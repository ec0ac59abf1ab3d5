import {SMALLEST} from './bits.js';
import type {Stream} from './histogram.js';
import {isDistance} from './measure.js';
import {scratch} from './scratch.js';
import type {Limits} from './settle.js';

const {distanceBits} = scratch;

/** What a sample says of a window: that it may hold the k-th distance, surely does not, or surely holds too many. */
export type Omen = 'good' | 'off' | 'crowded';

/**
 * Tests a window on a small sample, so that no pass is lost to one that must miss.
 *
 * @param k how many of the n are to be chosen
 * @param room how many of the n may be in the window
 */
export function probe({least, most}: Limits, stream: Stream, k: number, n: number, room: number): Omen {
  const above = new Count();
  const from = new Count();
  let size = 0;
  stream((length) => {
    size += length;
    let isAbove = 0;
    let isFrom = 0;
    for (let j = 0; j < length; j++) {
      if (distanceBits[j] < least || !isDistance(j)) continue;
      isFrom++;
      if (distanceBits[j] > most) isAbove++;
    }
    above.add(isAbove);
    from.add(isFrom);
  });
  const share = size / n;
  if (above.total - above.doubt() > k * share) return 'off';
  if (from.total - above.total > 2 * room * share) return 'crowded';
  return from.total + from.doubt() < k * share && least > SMALLEST ? 'off' : 'good';
}

/** How many of a sample are such and such. */
class Count {
  total = 0;
  #last: number | undefined;
  #squares = 0;

  /** @param count of the next piece */
  add(count: number): void {
    this.total += count;
    this.#squares += (count - (this.#last ?? count)) ** 2;
    this.#last = count;
  }

  /**
   * By how much the total may be wrong: four standard deviations, and four for what is rare. What is in one piece may
   * be alike, so the deviation is that of pieces, and since one is taken of every stretch it is between neighbours: half
   * of what their differences squared add up to (Wolter, Introduction to Variance Estimation, 8.2).
   */
  doubt(): number {
    return 4 * Math.sqrt(this.#squares / 2) + 4;
  }
}
