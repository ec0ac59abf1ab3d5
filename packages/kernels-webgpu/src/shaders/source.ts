import type {Access} from './shader.js';

/** Where a kernel finds the seed and the proposal of element i of a piece, as bits, and the weight of its distance. */
export interface Source {
  name: string;
  buffers: Record<string, Access>;
  code: string;
}

const UNWEIGHED = 'fn weight_of(i: u32) -> f32 { return 1.0; }';

/** The seed of an element by itself: the state's inside the old subset, outside the current value, which `theta` reads. */
export const seedOf = (theta: string) => `
fn seed_of(i: u32) -> u32 {
  let word = params.word + (i >> 5u);
  let bits = mask[word];
  let bit = 1u << (i & 31u);
  if ((bits & bit) == 0u) {
    return ${theta};
  }
  return seeds[atomicLoad(&scratch[params.ranks + word]) + countOneBits(bits & (bit - 1u))];
}`;

/** The seeds of a silo. */
export const SEEDS: Source = {
  name: 'silo',
  buffers: {theta: 'read', mask: 'read', seeds: 'read', scratch: 'atomic'},
  code: seedOf('theta[i]'),
};

/** As {@link SEEDS}, with the proposals that a pass has left in `next`. */
export const SILO: Source = {
  name: 'silo',
  buffers: {...SEEDS.buffers, next: 'write'},
  code: `${SEEDS.code}
fn proposal_of(i: u32) -> u32 { return next[i]; }
${UNWEIGHED}`,
};

/** A source whose distances are weighed. */
const weighed = ({name, buffers, code}: Source): Source => ({
  name: `${name} weighed`,
  buffers: {...buffers, weights: 'read'},
  code: `${code.replace(UNWEIGHED, '')}
fn weight_of(i: u32) -> f32 { return weight_of_bits(weights[i]); }`,
});

/** As {@link SILO}, with the importances or Adam's second moments in `weights`. */
export const WEIGHED_SILO = weighed(SILO);

/** x and y of a top-k mask. */
export const PAIR: Source = {
  name: 'pair',
  buffers: {x: 'read', y: 'read', scratch: 'atomic'},
  code: `
fn seed_of(i: u32) -> u32 { return y[i]; }
fn proposal_of(i: u32) -> u32 { return x[i]; }
${UNWEIGHED}`,
};

/** As {@link PAIR}, with the importances in `weights`. */
export const WEIGHED_PAIR = weighed(PAIR);

/** x of a top-k mask, measured from zero. */
export const SINGLE: Source = {
  name: 'single',
  buffers: {x: 'read', scratch: 'atomic'},
  code: `
fn seed_of(i: u32) -> u32 { return 0u; }
fn proposal_of(i: u32) -> u32 { return x[i]; }
${UNWEIGHED}`,
};
