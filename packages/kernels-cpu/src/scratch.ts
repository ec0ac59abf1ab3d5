/**
 * Kernels go through a silo in blocks that stay in the caches near the core. A call runs to its end before the next
 * starts, so that all of them share this memory.
 */
export const BLOCK = 4096;

const buffers = Array.from({length: 4}, () => new ArrayBuffer(4 * BLOCK));

/**
 * One block of everything that loops read and write, where it needs no place of its own. Take an array through a
 * constant of the module that loops over it: V8 builds such a constant into the loop, but no import and no argument.
 * Floats come with their bits, because only a copy of bits keeps a NaN's payload, and because bits of distances order
 * as the distances do.
 */
export const scratch = {
  /** Θ(0) of the block. */
  seeds: new Float32Array(buffers[0]),
  seedBits: new Int32Array(buffers[0]),
  proposals: new Float32Array(buffers[1]),
  proposalBits: new Int32Array(buffers[1]),
  /** How far each proposal lies from its seed. */
  distances: new Float32Array(buffers[2]),
  distanceBits: new Int32Array(buffers[2]),
  /** By what each distance is multiplied, where the metric says so. */
  weights: new Float32Array(buffers[3]),
  /** A bit for each element. */
  words: new Int32Array(BLOCK / 32),
  /** Adam's m and v. */
  means: new Float32Array(BLOCK),
  squares: new Float32Array(BLOCK),
  /** The gradients, where they are scaled. */
  gradients: new Float32Array(BLOCK),
  /** The seeds of the block's part of a subset, in index order. */
  chosenSeeds: new Int32Array(BLOCK),
};
