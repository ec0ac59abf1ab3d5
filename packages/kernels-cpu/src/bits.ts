/** Bits of the smallest distance that is not zero, 2⁻¹²⁶. */
export const SMALLEST = 0x00800000;
/** Bits of +∞. A distance above it is NaN. */
export const INFINITE = 0x7f800000;

/** The floats of an array as bits, sharing its memory. */
export function bitsOf(array: Float32Array): Int32Array {
  return new Int32Array(array.buffer, array.byteOffset, array.length);
}

const oneFloat = new Float32Array(1);
const oneInt = new Int32Array(oneFloat.buffer);

/** The float that has these bits. */
export function floatOf(bits: number): number {
  oneInt[0] = bits;
  return oneFloat[0];
}

/** How many bits of a word are set. */
export function countBits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const quads = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((quads + (quads >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** How many bits are set in the words from one to another. */
export function countAll(words: Int32Array, start = 0, end = words.length): number {
  let count = 0;
  for (let w = start; w < end; w++) count += countBits(words[w]);
  return count;
}

/** The place of a word's lowest bit that is set. */
export function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Copies count bits. A call of `set` pays off only for many. */
export function copyBits(from: Int32Array, start: number, count: number, to: Int32Array, toStart: number): void {
  if (count > 48) to.set(from.subarray(start, start + count), toStart);
  else for (let i = 0; i < count; i++) to[toStart + i] = from[start + i];
}
