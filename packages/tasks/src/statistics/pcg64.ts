/*
 * After numpy's `random/_pcg64.pyx`, `bit_generator.pyx` and `src/distributions/distributions.c` (BSD-3-Clause), and
 * O'Neill's "PCG: A family of simple fast space-efficient statistically good algorithms for random number generation".
 */

const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const MASK_64 = (1n << 64n) - 1n;

/**
 * The random numbers of numpy's `default_rng(seed)`, bit for bit, so that resamples are those that sacrebleu draws.
 */
export class Pcg64 {
  #state: bigint;
  readonly #increment: bigint;
  /** The upper half of the last 64 bits drawn, where it is not used up. */
  #kept: number | undefined;

  /** @param seed a whole number from 0 to 2³² − 1. */
  constructor(seed: number) {
    const [a, b, c, d, e, f, g, h] = seedWords(seed);
    const initial = (word64(a, b) << 64n) | word64(c, d);
    const stream = (word64(e, f) << 64n) | word64(g, h);
    this.#increment = BigInt.asUintN(128, (stream << 1n) | 1n);
    this.#state = 0n;
    this.#step();
    this.#state = BigInt.asUintN(128, this.#state + initial);
    this.#step();
  }

  /** A whole number from 0 to 2³² − 1. */
  next32(): number {
    if (this.#kept !== undefined) {
      const kept = this.#kept;
      this.#kept = undefined;
      return kept;
    }
    this.#step();
    const folded = (this.#state >> 64n) ^ (this.#state & MASK_64);
    const turn = this.#state >> 122n;
    const drawn = BigInt.asUintN(64, (folded >> turn) | (folded << (64n - turn)));
    this.#kept = Number(drawn >> 32n);
    return Number(drawn & 0xffffffffn);
  }

  /** A whole number below `count`, which is at most 2²¹: numpy's `choice(count)` and `integers(count)`. */
  below(count: number): number {
    if (count === 1) return 0;
    // Lemire's method; the product is exact, as both factors together have at most 53 bits.
    let product = this.next32() * count;
    if (product % 2 ** 32 < count) {
      const threshold = (2 ** 32 - count) % count;
      while (product % 2 ** 32 < threshold) product = this.next32() * count;
    }
    return Math.floor(product / 2 ** 32);
  }

  #step(): void {
    this.#state = BigInt.asUintN(128, this.#state * MULTIPLIER + this.#increment);
  }
}

function word64(low: number, high: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

/** numpy's `SeedSequence(seed).generate_state(8)`. */
function seedWords(seed: number): number[] {
  let hash = 0x43b0d7e5;
  const hashed = (value: number) => {
    let mixed = (value ^ hash) >>> 0;
    hash = Math.imul(hash, 0x931e8875) >>> 0;
    mixed = Math.imul(mixed, hash) >>> 0;
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
  const mix = (x: number, y: number) => {
    const mixed = (Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y)) >>> 0;
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
  const pool = [seed, 0, 0, 0].map(hashed);
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) if (from !== to) pool[to] = mix(pool[to], hashed(pool[from]));
  }
  let state = 0x8b51f9dd;
  return Array.from({length: 8}, (_, i) => {
    let word = (pool[i % 4] ^ state) >>> 0;
    state = Math.imul(state, 0x58f38ded) >>> 0;
    word = Math.imul(word, state) >>> 0;
    return (word ^ (word >>> 16)) >>> 0;
  });
}
