import {Job} from './job';
import {COMPRESS, EXPAND, LANES, PACKED, SEEDS} from './tables';

/** Where the packed seeds of a word begin, for code that reads whole vectors: copied away from the array's end. */
export function packedSeeds(job: Job, old: u32, rank: u32): usize {
  const seeds = job.seeds + (rank << 2);
  return rank + 32 <= job.seedRoom ? seeds : copySeeds(job, old, seeds);
}

function copySeeds(job: Job, old: u32, seeds: usize): usize {
  const packed = job.tables + PACKED;
  memory.copy(packed, seeds, popcnt(old) << 2);
  return packed;
}

/** Four elements' seeds: of those in the subset from the packed seeds at `packed`, of the others those at `theta`. */
export function expandFour(tables: usize, nibble: u32, packed: usize, theta: usize): v128 {
  const row = tables + (nibble << 4);
  const seeds = i8x16.swizzle(v128.load(packed), v128.load(row, EXPAND));
  return v128.or(seeds, v128.andnot(v128.load(theta), v128.load(row, LANES)));
}

/** The seeds of a word's 32 elements, of which the packed ones begin at `rank`. Returns where they lie: SEEDS. */
export function expandSeeds(job: Job, old: u32, rank: u32, theta: usize): usize {
  const tables = job.tables;
  let packed = packedSeeds(job, old, rank);
  for (let at: usize = 0; at < 128; at += 16, old >>= 4) {
    v128.store(tables + SEEDS + at, expandFour(tables, old & 15, packed, theta + at));
    packed += popcnt(old & 15) << 2;
  }
  return tables + SEEDS;
}

/** Packs those of a word's 32 floats whose bit is set into PACKED. */
export function compress(job: Job, bits: u32, floats: usize): void {
  const tables = job.tables;
  let packed = tables + PACKED;
  for (let at: usize = 0; at < 128; at += 16, bits >>= 4) {
    v128.store(packed, i8x16.swizzle(v128.load(floats + at), v128.load(tables + ((bits & 15) << 4), COMPRESS)));
    packed += popcnt(bits & 15) << 2;
  }
}

/** The address of an element's seed, where the packed seeds of its word begin at `packed`. */
export function seedAt(packed: usize, old: u32, lane: u32, theta: usize): usize {
  return (old >> lane) & 1 ? packed + (popcnt(old & ((1 << lane) - 1)) << 2) : theta + (lane << 2);
}
