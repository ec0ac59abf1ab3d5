import {shader, THREADS} from './shader.js';
import {SEEDS} from './source.js';

/** Gives the entries of the old subset their seeds in `next`, where the measuring pass looks for them. */
export const UNPACK = shader(
  'unpack',
  {mask: 'read', seeds: 'read', scratch: 'atomic', next: 'write'},
  [],
  `
  for (var word = group * ${THREADS}u + thread; 32u * word < params.size; word += groups * ${THREADS}u) {
    var rank = atomicLoad(&scratch[params.ranks + params.word + word]);
    for (var rest = mask[params.word + word]; rest != 0u; rest &= rest - 1u) {
      next[32u * word + countTrailingZeros(rest)] = seeds[rank];
      rank += 1u;
    }
  }`,
);

/** Packs the seeds of the chosen in index order, and gives the ties that were not chosen their seed back. */
export const SETTLE = shader(
  'settle',
  {...SEEDS.buffers, next: 'write', newMask: 'read', newSeeds: 'write'},
  [SEEDS.code],
  `
  let word = group * ${THREADS}u + thread;
  if (32u * word >= params.size) {
    return;
  }
  let chosen = newMask[params.word + word];
  var rank = atomicLoad(&scratch[params.first + params.word + word]);
  for (var rest = chosen; rest != 0u; rest &= rest - 1u) {
    newSeeds[rank] = seed_of(32u * word + countTrailingZeros(rest));
    rank += 1u;
  }
  var dropped = atomicLoad(&scratch[params.second + params.word + word]) & ~chosen;
  for (; dropped != 0u; dropped &= dropped - 1u) {
    let i = 32u * word + countTrailingZeros(dropped);
    next[i] = seed_of(i);
  }`,
);

/** A top-k mask as tfjs keeps bools: a word an element. */
export const EXPAND = shader(
  'expand',
  {scratch: 'atomic', chosen: 'write'},
  [],
  `
  let i = group * ${THREADS}u + thread;
  if (i < params.size) {
    chosen[i] = (atomicLoad(&scratch[params.first + params.word + (i >> 5u)]) >> (i & 31u)) & 1u;
  }`,
);
