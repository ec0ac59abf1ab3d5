import {eachBit, fourWords} from './four-words.js';
import {shader, THREADS} from './shader.js';
import {SEEDS} from './source.js';

/** Packs the seeds of the chosen in index order, and gives the candidates that were not chosen their seed back. */
export const SETTLE = shader(
  'settle',
  {...SEEDS.buffers, next: 'write', newMask: 'read', newSeeds: 'write'},
  [SEEDS.code],
  `
  ${fourWords((word) => `newMask[${word}] | atomicLoad(&scratch[params.reaching + ${word}])`)}
  if (all(rest == vec4<u32>())) {
    return;
  }
  var rank = atomicLoad(&scratch[params.above + begin]);
  ${eachBit(`
    let seed = seed_of(i);
    if (((newMask[word] >> (i & 31u)) & 1u) == 1u) {
      newSeeds[rank] = seed;
      rank++;
    } else {
      next[i] = seed;
    }`)}`,
);

/** A top-k mask as tfjs keeps bools: a word an element. */
export const EXPAND = shader(
  'expand',
  {scratch: 'atomic', chosen: 'write'},
  [],
  `
  let i = group * ${THREADS}u + thread;
  if (i < params.size) {
    chosen[i] = (atomicLoad(&scratch[params.reaching + params.word + (i >> 5u)]) >> (i & 31u)) & 1u;
  }`,
);
