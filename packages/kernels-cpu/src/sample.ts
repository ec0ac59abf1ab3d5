import {countAll, lowestBit} from './bits.js';
import type {Stream} from './histogram.js';
import {measure} from './measure.js';
import {scratch} from './scratch.js';
import type {Propose, Silo, When} from './silo.js';

/** A sample is made of pieces of this length: two words of the mask. */
const PIECE = 64;

const {seeds, seedBits} = scratch;

/**
 * Some of a silo's distances, from everywhere: about so many elements, or all of a silo that has no more. Pieces are an
 * odd number of lengths apart, so that they go through all of a row.
 *
 * @param when before the first pass, or again: once `next` is the seed
 * @param oldSeeds those of the old subset, as they were before the first pass
 */
export function sampled(silo: Silo, propose: Propose, size: number, when: When, oldSeeds: Int32Array): Stream {
  const {attrs, current, next, mask} = silo;
  const n = attrs.sizes.reduce((sum, one) => sum + one, 0);
  const stride = PIECE * (Math.floor(n / size) | 1);
  return (visit) => {
    let firstWord = 0;
    let word = 0;
    let rank = 0;
    attrs.sizes.forEach((total, tensor) => {
      for (let start = 0; start < total; start += stride) {
        const length = Math.min(PIECE, total - start);
        const values = when === 'before' ? current : next;
        seeds.set(values[tensor].subarray(start, start + length));
        if (when === 'before') {
          const first = firstWord + start / 32;
          rank += countAll(mask, word, first);
          word = first + Math.ceil(length / 32);
          for (let w = first, base = 0; w < word; w++, base += 32) {
            for (let rest = mask[w]; rest !== 0; rest &= rest - 1) seedBits[base + lowestBit(rest)] = oldSeeds[rank++];
          }
        }
        propose(tensor, start, length, when);
        measure(length, silo.metric);
        visit(length);
      }
      firstWord += Math.ceil(total / 32);
    });
  };
}
