import {Info, Path} from '@subset-tuning/kernels';
import {bitsOf, lowestBit} from './bits.js';
import {isNonFinite} from './measure.js';
import {scratch} from './scratch.js';
import {SeedList} from './seed-list.js';
import {recall} from './settle.js';
import {forEachBlock, type Propose, type Silo} from './silo.js';

const {seeds, seedBits, proposalBits} = scratch;

/**
 * A step that keeps the subset: its entries take their proposals where these are finite and stay what they are where
 * not, everything else is the seed. One pass.
 *
 * @param info is brought up to date
 */
export function keepSubset(silo: Silo, propose: Propose, info: Int32Array, listBits: Int32Array): void {
  const {attrs, current, next, mask} = silo;
  const currentBits = current.map(bitsOf);
  const list = new SeedList(listBits, 0, listBits);
  let size = 0;
  let nonFiniteGradients = 0;
  let nonFiniteProposals = 0;
  forEachBlock(attrs.sizes, (tensor, start, length, firstWord) => {
    recall(silo, tensor, start, length, firstWord, list);
    nonFiniteGradients += propose(tensor, start, length, 'now');
    for (let j = 0; j < length; j++) if (isNonFinite(j)) nonFiniteProposals++;
    for (let base = 0, w = firstWord; base < length; base += 32, w++) {
      for (let rest = mask[w]; rest !== 0; rest &= rest - 1) {
        const j = base + lowestBit(rest);
        seedBits[j] = isNonFinite(j) ? currentBits[tensor][start + j] : proposalBits[j];
        size++;
      }
    }
    next[tensor].set(seeds.subarray(0, length), start);
  });
  info[Info.size] = size;
  info[Info.entered] = 0;
  info[Info.left] = 0;
  info[Info.nonFiniteGradients] = nonFiniteGradients;
  info[Info.nonFiniteProposals] = nonFiniteProposals;
  info[Info.path] = Path.kept;
}
