import {INFINITE, Job, MAGNITUDE} from './job';

/** Words of a block, at most: 256 elements, of which the arrays that a block reads and writes stay in the first cache. */
export const BLOCK: u32 = 8;

/** Places in `job.tables`. First tables of 16 vectors, one for each nibble of the mask. */
export const EXPAND: usize = 0;
export const COMPRESS: usize = 256;
export const LANES: usize = 512;
/** Vectors of one number each. An engine may make a splat anew in every turn of a loop, but loads once. */
export const SCALE: usize = 768;
export const C0: usize = 784;
export const C1: usize = 800;
export const C2: usize = 816;
export const C3: usize = 832;
export const C4: usize = 848;
export const MAGNITUDES: usize = 864;
/** Gradients up to this are finite after scaling. */
export const LIMIT: usize = 880;
/** One below the window's ends. */
export const BELOW_LOW: usize = 896;
export const BELOW_HIGH: usize = 912;
export const ONES: usize = 928;
/** What `near.ts` compares with. */
export const NEAR: usize = 944;
export const NEAR_AT_ZERO: usize = 960;
export const LARGE: usize = 976;
export const REACH: usize = 992;
export const SHARE: usize = 1008;
export const C4_SQUARED: usize = 1024;
export const TINY: usize = 1040;
/** The factor of decay, 1 where there is none. */
export const DECAY: usize = 1056;
/** A block's words that are looked at closely: their near elements, and where they begin in the block. */
export const NEAR_WORDS: usize = 1072;
/** Blocks of floats. */
export const PROPOSALS: usize = NEAR_WORDS + 8 * BLOCK + 16;
export const DECAYED: usize = PROPOSALS + BLOCK * 128;
/** Words of floats. */
export const SEEDS: usize = DECAYED + BLOCK * 128;
export const DISTANCES: usize = SEEDS + 128;
export const ZEROS: usize = DISTANCES + 128;
/** A word of floats and a vector beyond. */
export const PACKED: usize = ZEROS + 128;
/** What a tensor has beyond its last full word: values, gradients, both slots, new values, importances. */
export const TAIL: usize = PACKED + 144;
export const TABLE_BYTES: usize = TAIL + 6 * 128;

/**
 * Fills the tables: a module that shares the backend's memory has no static data of its own.
 *
 * With n as the nibble, EXPAND[n] takes packed floats to the lanes that are set and zero to the others, COMPRESS[n] is
 * its inverse, and LANES[n] has ones in the lanes that are set.
 */
export function writeTables(job: Job): void {
  const tables = job.tables;
  for (let nibble: u32 = 0; nibble < 16; nibble++) {
    const at = tables + (nibble << 4);
    v128.store(at, i8x16.splat(-1), EXPAND);
    v128.store(at, i8x16.splat(-1), COMPRESS);
    let rank: u32 = 0;
    for (let lane: u32 = 0; lane < 4; lane++) {
      const isSet = (nibble >> lane) & 1;
      store<u32>(at + (lane << 2), 0 - isSet, LANES);
      if (!isSet) continue;
      store<u32>(at + (lane << 2), 0x03020100 + 0x04040404 * rank, EXPAND);
      store<u32>(at + (rank << 2), 0x03020100 + 0x04040404 * lane, COMPRESS);
      rank++;
    }
  }
  v128.store(tables, f32x4.splat(job.scale), SCALE);
  v128.store(tables, f32x4.splat(job.c0), C0);
  v128.store(tables, f32x4.splat(job.c1), C1);
  v128.store(tables, f32x4.splat(job.c2), C2);
  v128.store(tables, f32x4.splat(job.c3), C3);
  v128.store(tables, f32x4.splat(job.c4), C4);
  v128.store(tables, i32x4.splat(MAGNITUDE), MAGNITUDES);
  v128.store(tables, i32x4.splat(limitOf(job.scale)), LIMIT);
  v128.store(tables, i32x4.splat(1), ONES);
  memory.fill(tables + ZEROS, 0, 128);
}

/** The largest size, as bits, that is surely finite times `scale`. */
function limitOf(scale: f32): i32 {
  const size = abs(scale);
  if (size <= 1) return INFINITE - 1;
  if (!(size < Infinity)) return -1;
  return reinterpret<i32>(f32.MAX_VALUE / size) - 2;
}
