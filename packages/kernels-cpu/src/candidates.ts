import {kthLargest} from './kth-largest.js';
import type {SeedList} from './seed-list.js';
import type {Silo} from './silo.js';

/** The entries whose distance lies in a pass's window, in index order. Kernel calls share one, one at a time. */
export class Candidates {
  count = 0;
  room = 0;
  /** Where each entry's bit is in the mask: 32 · word + bit. */
  places = new Int32Array(0);
  distances = new Int32Array(0);
  proposals = new Int32Array(0);
  /** How many entries that were chosen outright come before. */
  ranks = new Int32Array(0);

  get isFull(): boolean {
    return this.count === this.room;
  }

  /** Empties the list and makes room for as many. */
  open(room: number): void {
    this.count = 0;
    this.room = room;
    if (this.places.length >= room) return;
    this.places = new Int32Array(room);
    this.distances = new Int32Array(room);
    this.proposals = new Int32Array(room);
    this.ranks = new Int32Array(room);
  }

  /** Adds an entry, if there is room. */
  add(place: number, distance: number, proposal: number, rank: number): boolean {
    if (this.count === this.room) return false;
    this.places[this.count] = place;
    this.distances[this.count] = distance;
    this.proposals[this.count] = proposal;
    this.ranks[this.count++] = rank;
    return true;
  }

  /**
   * Chooses the farthest entries of the list, of equal ones those that come first: they take what they propose, and
   * their seeds go to their places among the seeds.
   *
   * @param need how many, from 1 to the list's length
   * @returns the smallest distance that was chosen
   */
  choose(need: number, {attrs: {sizes}, nextBits}: Silo, words: Int32Array, seeds: SeedList): number {
    const {places, distances, proposals, ranks} = this;
    const {value, ties} = kthLargest(distances, this.count, need);
    let room = ties;
    let chosen = 0;
    let tensor = 0;
    let first = 0;
    for (let c = 0; c < this.count; c++) {
      if (distances[c] < value || (distances[c] === value && room-- <= 0)) continue;
      const place = places[c];
      while (place - first >= sizes[tensor]) first += 32 * Math.ceil(sizes[tensor++] / 32);
      const i = place - first;
      const seed = nextBits[tensor][i];
      nextBits[tensor][i] = proposals[c];
      words[place >>> 5] |= 1 << (place & 31);
      ranks[chosen] = ranks[c];
      proposals[chosen++] = seed;
    }
    seeds.insert(ranks, proposals, chosen);
    return value;
  }
}
