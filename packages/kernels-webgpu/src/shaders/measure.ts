import {DISTANCE} from './distance.js';
import type {Access, Shader} from './shader.js';
import {shader, THREADS} from './shader.js';
import {PAIR, SEEDS, SINGLE, type Source} from './source.js';
import {RULES, type Rule} from './update-rule.js';

/** Elements that a workgroup measures. */
export const MEASURED = 2048;
const WORDS = MEASURED / 32;

/**
 * The one pass over everything: makes the proposals (and updates the slots), measures them, and notes who reaches
 * `least` and `most`. `next` gets the proposal of whoever reaches `least` and the seed of all others. Where the subset
 * is kept, it decides by that instead.
 */
function measureShader(
  name: string,
  {buffers, code}: Pick<Source, 'buffers' | 'code'>,
  writes: {buffers: Record<string, Access>; code: string},
): Shader {
  return shader(
    `measure ${name}`,
    {...buffers, ...writes.buffers},
    [
      DISTANCE,
      code,
      writes.code,
      `
var<workgroup> reach_least: array<atomic<u32>, ${WORDS}>;
var<workgroup> reach_most: array<atomic<u32>, ${WORDS}>;
var<workgroup> counts: array<atomic<u32>, 4>;
var<workgroup> runs: u32;`,
    ],
    `
  if (thread == 0u) {
    runs = select(1u, head(HEAD_again), params.again == 1u);
  }
  if (thread < 4u) {
    atomicStore(&counts[thread], 0u);
  }
  if (thread < ${WORDS}u) {
    atomicStore(&reach_least[thread], 0u);
    atomicStore(&reach_most[thread], 0u);
  }
  if (workgroupUniformLoad(&runs) == 0u) {
    return;
  }
  let least = head(HEAD_least);
  let most = head(HEAD_most);
  for (var at = thread; at < ${MEASURED}u; at += ${THREADS}u) {
    let i = group * ${MEASURED}u + at;
    if (i < params.size) {
      let seed_bits = seed_of(i);
      let proposal = propose(i, seed_bits);
      if ((proposal & MAGNITUDE) >= INFINITE) {
        bad_proposals += 1u;
      }
      if (params.kept == 1u) {
        write_kept(i, proposal);
      } else {
        let distance = distance_bits(proposal, seed_bits);
        let reaches = distance >= least;
        write_next(i, select(seed_bits, proposal, reaches));
        if (reaches) {
          atomicOr(&reach_least[at >> 5u], 1u << (at & 31u));
          if (distance >= most) {
            atomicOr(&reach_most[at >> 5u], 1u << (at & 31u));
          }
        }
      }
    }
  }
  if (params.again == 0u) {
    if (bad_gradients > 0u) {
      atomicAdd(&counts[2], bad_gradients);
    }
    if (bad_proposals > 0u) {
      atomicAdd(&counts[3], bad_proposals);
    }
  }
  workgroupBarrier();
  let word = group * ${WORDS}u + thread;
  if (params.kept == 0u && thread < ${WORDS}u && 32u * word < params.size) {
    let first = atomicLoad(&reach_least[thread]);
    let second = atomicLoad(&reach_most[thread]);
    atomicStore(&scratch[params.first + params.word + word], first);
    atomicStore(&scratch[params.second + params.word + word], second);
    if (first != 0u) {
      atomicAdd(&counts[0], countOneBits(first));
      atomicAdd(&counts[1], countOneBits(second));
    }
  }
  workgroupBarrier();
  if (thread < 4u) {
    let total = atomicLoad(&counts[thread]);
    if (total > 0u) {
      atomicAdd(&scratch[HEAD_reachLeast + thread], total);
    }
  }`,
  );
}

const COUNTERS = `
var<private> bad_gradients: u32;
var<private> bad_proposals: u32;`;

/** Into the new values of a silo. */
const TO_NEXT = {
  buffers: {next: 'write'} as const,
  code: `${COUNTERS}
fn write_next(i: u32, bits: u32) { next[i] = bits; }
fn write_kept(i: u32, proposal: u32) {
  let chosen = ((mask[params.word + (i >> 5u)] >> (i & 31u)) & 1u) == 1u;
  next[i] = select(theta[i], proposal, chosen && (proposal & MAGNITUDE) < INFINITE);
}`,
};

/** A top-k mask has no new values. */
const TO_NOWHERE = {
  buffers: {},
  code: `${COUNTERS}
fn write_next(i: u32, bits: u32) {}
fn write_kept(i: u32, bits: u32) {}
fn propose(i: u32, seed_bits: u32) -> u32 { return proposal_of(i); }`,
};

const byRule = (rule: Rule) =>
  measureShader(
    rule,
    {buffers: {...SEEDS.buffers, ...RULES[rule].buffers}, code: SEEDS.code},
    {...TO_NEXT, code: TO_NEXT.code + RULES[rule].code},
  );

/** By what makes the proposals. */
export const MEASURE = {
  given: byRule('given'),
  sgd: byRule('sgd'),
  momentum: byRule('momentum'),
  adam: byRule('adam'),
  pair: measureShader('pair', PAIR, TO_NOWHERE),
  single: measureShader('single', SINGLE, TO_NOWHERE),
};
