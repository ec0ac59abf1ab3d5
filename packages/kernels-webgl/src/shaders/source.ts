import {type Read, rarely} from './shader.js';

/** Where a silo's shaders find the seed of an element: the state's inside the old subset, the current value outside. */
export const SEEDS: {reads: Record<string, Read>; code: string} = {
  reads: {theta: 'tensor', seeds: 'tensor', before: 'grid'},
  code: `
uniform int first; // the tensor's first word of the mask

uint bit_of(int i) {
  return 1u << (uint(i) & 31u);
}

uint seed_of(int i, uint theta) {
  uvec4 word = before_at(first + (i >> 5));
  uint bit = bit_of(i);
  uint seed = theta;
${rarely('(word.x & bit) != 0u', '    seed = seeds_at(int(word.y + popcount(word.x & (bit - 1u))));')}
  return seed;
}`,
};
