import {copyBits} from './bits.js';
import {scratch} from './scratch.js';

const {chosenSeeds} = scratch;

/**
 * The seeds of a silo's subset in index order, read from one end and written anew from the same end, in the same
 * memory where the capacity allows. Where the writing catches up with the reading, what was not read yet moves to a
 * list: as many seeds as the writing is ahead, at most those of the entries that enter.
 */
export class SeedList {
  readonly bits: Int32Array;
  #size = 0;
  #read = 0;
  #old: Int32Array;
  #oldSize: number;
  #waiting = new Int32Array(0);
  #waitingFrom = 0;
  #waitingTo = 0;

  /** @param into where the new seeds go: the old ones' memory or another */
  constructor(old: Int32Array, oldSize: number, into: Int32Array) {
    this.#old = old;
    this.#oldSize = oldSize;
    this.bits = into;
  }

  /** How many were written. */
  get size(): number {
    return this.#size;
  }

  /** Reads the next old seeds into the scratch. */
  take(count: number): void {
    const waiting = Math.min(count, this.#waitingTo - this.#waitingFrom);
    copyBits(this.#waiting, this.#waitingFrom, waiting, chosenSeeds, 0);
    this.#waitingFrom += waiting;
    copyBits(this.#old, this.#read, count - waiting, chosenSeeds, waiting);
    this.#read += count - waiting;
  }

  /** Writes the scratch's first seeds after those that were written before. */
  append(count: number): void {
    const end = this.#size + count;
    if (this.bits === this.#old && end > this.#read) this.#setAside(Math.min(end, this.#oldSize));
    copyBits(chosenSeeds, 0, count, this.bits, this.#size);
    this.#size = end;
  }

  /**
   * Inserts seeds, where `ranks` says how many of those written come before each. One memory move each.
   *
   * @param ranks ascending
   */
  insert(ranks: Int32Array, seeds: Int32Array, count: number): void {
    let end = this.#size;
    this.#size += count;
    for (let i = count - 1; i >= 0; i--) {
      const rank = ranks[i];
      if (end > rank) this.bits.copyWithin(rank + i + 1, rank, end);
      this.bits[rank + i] = seeds[i];
      end = rank;
    }
  }

  /** Takes what was written for the old seeds, once all of those are read. */
  rewind(): void {
    this.#old = this.bits;
    this.#oldSize = this.#size;
    this.#read = 0;
    this.#size = 0;
  }

  /** Zeros what is past the last seed. */
  finish(): void {
    this.bits.fill(0, this.#size);
  }

  #setAside(until: number): void {
    const count = until - this.#read;
    if (count <= 0) return;
    const kept = this.#waitingTo - this.#waitingFrom;
    if (this.#waitingTo + count > this.#waiting.length) {
      // No more can come than are not read yet.
      const room = Math.min(2 * (kept + count), kept + this.#oldSize - this.#read);
      const larger = kept + count > this.#waiting.length / 2 ? new Int32Array(room) : this.#waiting;
      larger.set(this.#waiting.subarray(this.#waitingFrom, this.#waitingTo));
      this.#waiting = larger;
      this.#waitingFrom = 0;
      this.#waitingTo = kept;
    }
    copyBits(this.#old, this.#read, count, this.#waiting, this.#waitingTo);
    this.#waitingTo += count;
    this.#read = until;
  }
}
