import {CANDIDATES} from './candidates.js';
import {DISTANCE} from './distance.js';
import {BY_FOUR_WORDS, eachBit, fourWords} from './four-words.js';
import {LANES, type Lanes} from './lanes.js';
import {type Access, type Shader, shader, THREADS} from './shader.js';
import {seedOf} from './source.js';
import {RULES, type Rule} from './update-rule.js';

/** What makes the proposals and holds the seeds, and where the result goes. */
interface Subject {
  buffers: Record<string, Access>;
  /** `theta_of`, `seeds_of`, `propose` and `write`. */
  code: string;
}

/** `measure`, and what it counts. */
const measureCode = ({code}: Subject, lanes: Lanes) => [
  'var<private> bad_gradients: u32;',
  'var<private> bad_proposals: u32;',
  LANES[lanes],
  DISTANCE,
  code,
  `
fn measure(at: u32) {
  let i = ${lanes}u * at;
  let word = params.word + (i >> 5u);
  let shift = i & 31u;
  let theta_bits = theta_of(at);
  let seed_bits = seeds_of(at, word, shift, theta_bits);
  let proposal = propose(at, theta_bits, seed_bits);
  bad_proposals += ${lanes}u - countOneBits(bits_of(is_finite(proposal)));
  if (kept == 1u) {
    write(at, select(theta_bits, proposal, chosen_before(word, shift) & is_finite(proposal)));
    return;
  }
  if (again == 1u && shift == 0u) {
    atomicStore(&scratch[params.above + word], 0u);
  }
  var weight = F(1.0);
  if (weighed != 0u) {
    weight = weight_at(at);
  }
  let distance = distance_bits(proposal, seed_bits, weight);
  let reaches = distance >= U(head(HEAD_least));
  write(at, select(seed_bits, proposal, reaches));
  let candidates = bits_of(reaches);
  if (candidates != 0u) {
    atomicOr(&scratch[params.reaching + word], candidates << shift);
    let sure = bits_of(distance > U(head(HEAD_most)));
    if (sure != 0u) {
      atomicOr(&scratch[params.above + word], sure << shift);
    }
  }
}`,
];

/**
 * The one pass over everything: makes the proposals (and updates the slots), measures them, and notes who reaches
 * `least` and who exceeds `most`. `next` gets the proposal of whoever reaches `least` and the seed of all others. Where
 * the subset is kept, it decides by that instead.
 *
 * Neighbouring threads take neighbouring elements, one each, and there is no barrier and no loop. Few reach `least`, so
 * that an atomic for each of them costs little.
 */
function measureShader(name: string, subject: Subject, lanes: Lanes): Shader {
  return shader(
    `measure ${name} by ${lanes}`,
    subject.buffers,
    measureCode(subject, lanes),
    `
  let at = group * ${THREADS}u + thread;
  if (at < params.size / ${lanes}u) {
    measure(at);
  }
  if ((bad_gradients | bad_proposals) > 0u) {
    atomicAdd(&scratch[HEAD_nonFiniteGradients], bad_gradients);
    atomicAdd(&scratch[HEAD_nonFiniteProposals], bad_proposals);
  }`,
    THREADS,
    lanes,
  );
}

/**
 * Where the prediction missed, makes the proposals again. Else, where the list has room for all candidates of a silo,
 * makes it, once for all that follows. One shader for both, because a dispatch costs something even where it does
 * nothing, and an indirect one more: WebGPU checks each on the GPU.
 */
function listShader(name: string, subject: Subject, lanes: Lanes): Shader {
  const each = BY_FOUR_WORDS / lanes;
  return shader(
    `list ${name} by ${lanes}`,
    subject.buffers,
    [...measureCode(subject, lanes), seedOf(`lane(theta[i / ${lanes}u], i)`), CANDIDATES],
    `
  if (head(HEAD_again) == 1u) {
    let last = min((group + 1u) * ${each}u, params.size / ${lanes}u);
    for (var at = group * ${each}u + thread; at < last; at += ${THREADS}u) {
      measure(at);
    }
    return;
  }
  if (head(HEAD_fits) == 0u) {
    return;
  }
  ${fourWords((word) => `candidates_of(${word})`)}
  if (rises()) {
    for (var word = begin; word < min(begin + 4u, end); word++) {
      atomicStore(&scratch[params.above + word], 0u);
    }
  }
  let counts = countOneBits(rest);
  let own = counts.x + counts.y + counts.z + counts.w;
  if (own == 0u) {
    return;
  }
  var place = params.list + atomicAdd(&scratch[HEAD_listed], own);
  ${eachBit(`
    let proposal = lane(next[i / ${lanes}u], i);
    atomicStore(&scratch[place], 32u * params.word + i);
    var weight = F(1.0);
    if (weighed != 0u) {
      weight = weight_at(i / ${lanes}u);
    }
    atomicStore(&scratch[place + params.capacity], lane(distance_bits(U(proposal), U(seed_of(i)), weight), i));
    place++;`)}`,
    THREADS,
    lanes,
  );
}

/** A silo: the seed is the current value, but for the entries of the old subset, whose seeds lie packed. */
const silo = (rule: Rule): Subject => ({
  buffers: {
    theta: 'read each',
    mask: 'read',
    seeds: 'read',
    scratch: 'atomic',
    next: 'write each',
    ...RULES[rule].buffers,
  },
  code: `
fn theta_of(at: u32) -> U { return theta[at]; }
fn chosen_before(word: u32, shift: u32) -> B { return flags_of(mask[word] >> shift); }
fn seeds_of(at: u32, word: u32, shift: u32, theta_bits: U) -> U {
  let bits = mask[word];
  var seed_bits = theta_bits;
  for (var rest = (bits >> shift) & ALL_LANES; rest != 0u; rest &= rest - 1u) {
    let bit = rest & (~rest + 1u);
    let rank = atomicLoad(&scratch[params.ranks + word]) + countOneBits(bits & ((bit << shift) - 1u));
    seed_bits = select(seed_bits, U(seeds[rank]), U(bit) == LANE_BITS);
  }
  return seed_bits;
}
fn write(at: u32, bits: U) { next[at] = bits; }
${RULES[rule].code}`,
});

/** A top-k mask: x and y, or x and zero, and the weights of distances. It writes no values. */
const topK = (buffers: Record<string, Access>, seeds: string, weight = 'F(1.0)'): Subject => ({
  buffers: {...buffers, scratch: 'atomic'},
  code: `
fn theta_of(at: u32) -> U { return x[at]; }
fn seeds_of(at: u32, word: u32, shift: u32, theta_bits: U) -> U { return ${seeds}; }
fn chosen_before(word: u32, shift: u32) -> B { return B(); }
fn write(at: u32, bits: U) {}
fn propose(at: u32, theta_bits: U, seed_bits: U) -> U { return theta_bits; }
fn weight_at(at: u32) -> F { return ${weight}; }`,
});

const byLanes = (make: typeof measureShader, name: string, subject: Subject): Record<Lanes, Shader> => ({
  1: make(name, subject, 1),
  4: make(name, subject, 4),
});

/** By what makes the proposals, and by lanes. */
export const MEASURE = {
  given: byLanes(measureShader, 'given', silo('given')),
  'given weighed': byLanes(measureShader, 'given weighed', silo('given weighed')),
  sgd: byLanes(measureShader, 'sgd', silo('sgd')),
  momentum: byLanes(measureShader, 'momentum', silo('momentum')),
  adam: byLanes(measureShader, 'adam', silo('adam')),
  pair: byLanes(measureShader, 'pair', topK({x: 'read each', y: 'read each'}, 'y[at]')),
  'pair weighed': byLanes(
    measureShader,
    'pair weighed',
    topK({x: 'read each', y: 'read each', weights: 'read each'}, 'y[at]', 'weight_of_bits(weights[at])'),
  ),
  single: byLanes(measureShader, 'single', topK({x: 'read each'}, 'U()')),
};

/** By rule, and by lanes. */
export const LIST = {
  given: byLanes(listShader, 'given', silo('given')),
  'given weighed': byLanes(listShader, 'given weighed', silo('given weighed')),
  sgd: byLanes(listShader, 'sgd', silo('sgd')),
  momentum: byLanes(listShader, 'momentum', silo('momentum')),
  adam: byLanes(listShader, 'adam', silo('adam')),
};
