import {BINS, HISTOGRAM} from '../scratch-layout.js';
import {DISTANCE} from './distance.js';
import {shader, THREADS} from './shader.js';
import {PAIR, SILO, SINGLE, type Source} from './source.js';

/** Which bits of a distance each level counts, from `low` up to `high`: 11, 10 and 10 of the 31. */
export const LEVELS = [
  {low: 20, high: 31},
  {low: 10, high: 20},
  {low: 0, high: 10},
] as const;

/**
 * Counts the candidates that share the known high bits of the k-th distance by their next bits: first in a workgroup's
 * own memory, then in the scratch. Each thread takes whole words and looks only at their candidates.
 */
const histogram = ({name, buffers, code}: Source) =>
  shader(
    `histogram ${name}`,
    buffers,
    [DISTANCE, code, `var<workgroup> bins: array<atomic<u32>, ${BINS}>;`],
    `
  for (var bin = thread; bin < ${BINS}u; bin += ${THREADS}u) {
    atomicStore(&bins[bin], 0u);
  }
  workgroupBarrier();
  let prefix = head(HEAD_prefix);
  let wanted = (1u << (params.high - params.low)) - 1u;
  let words = (params.size + 31u) / 32u;
  for (var word = group * ${THREADS}u + thread; word < words; word += groups * ${THREADS}u) {
    var rest = atomicLoad(&scratch[params.first + params.word + word]);
    if (rest != 0u) {
      rest &= ~atomicLoad(&scratch[params.second + params.word + word]);
    }
    for (; rest != 0u; rest &= rest - 1u) {
      let i = 32u * word + countTrailingZeros(rest);
      let distance = distance_bits(proposal_of(i), seed_of(i));
      if ((distance >> params.high) == prefix) {
        atomicAdd(&bins[(distance >> params.low) & wanted], 1u);
      }
    }
  }
  workgroupBarrier();
  for (var bin = thread; bin < ${BINS}u; bin += ${THREADS}u) {
    let total = atomicLoad(&bins[bin]);
    if (total > 0u) {
      atomicAdd(&scratch[${HISTOGRAM}u + bin], total);
    }
  }`,
  );

const PER_THREAD = BINS / THREADS;

/** One workgroup: finds the bin that holds the k-th distance, and empties the bins for the next level. */
export const NARROW = shader(
  'narrow',
  {scratch: 'atomic'},
  [`var<workgroup> lane: array<u32, ${THREADS}>;`],
  `
  var own = 0u;
  for (var j = 0u; j < ${PER_THREAD}u; j++) {
    own += atomicLoad(&scratch[${HISTOGRAM}u + thread * ${PER_THREAD}u + j]);
  }
  lane[thread] = own;
  workgroupBarrier();
  if (thread == 0u) {
    var need = head(HEAD_need);
    if (params.high == 31u) {
      let sure = head(HEAD_reachMost);
      need = min(params.k - min(params.k, sure), head(HEAD_reachLeast) - sure);
    }
    var found = NEVER;
    if (need > 0u) {
      var owner = ${THREADS - 1}u;
      for (; owner > 0u && lane[owner] < need; owner--) {
        need -= lane[owner];
      }
      var bin = owner * ${PER_THREAD}u + ${PER_THREAD - 1}u;
      for (; bin > owner * ${PER_THREAD}u; bin--) {
        let total = atomicLoad(&scratch[${HISTOGRAM}u + bin]);
        if (total >= need) {
          break;
        }
        need -= total;
      }
      found = (head(HEAD_prefix) << (params.high - params.low)) | bin;
    }
    atomicStore(&scratch[HEAD_prefix], found);
    atomicStore(&scratch[HEAD_need], need);
  }
  storageBarrier();
  workgroupBarrier();
  for (var j = 0u; j < ${PER_THREAD}u; j++) {
    atomicStore(&scratch[${HISTOGRAM}u + thread * ${PER_THREAD}u + j], 0u);
  }`,
);

/** Sorts the candidates by the k-th distance into those above it and the ties; `drop` sees the others. */
const classify = ({name, buffers, code}: Source, drop: string) =>
  shader(
    `classify ${name}`,
    buffers,
    [DISTANCE, code],
    `
  let word = group * ${THREADS}u + thread;
  if (32u * word >= params.size) {
    return;
  }
  let kth = head(HEAD_prefix);
  let first = params.first + params.word + word;
  let second = params.second + params.word + word;
  var above = atomicLoad(&scratch[second]);
  var ties = 0u;
  for (var rest = atomicLoad(&scratch[first]) & ~above; rest != 0u; rest &= rest - 1u) {
    let bit = countTrailingZeros(rest);
    let i = 32u * word + bit;
    let distance = distance_bits(proposal_of(i), seed_of(i));
    if (distance > kth) {
      above |= 1u << bit;
    } else if (distance == kth) {
      ties |= 1u << bit;
    } else {
      ${drop}
    }
  }
  atomicStore(&scratch[first], above);
  atomicStore(&scratch[second], ties);`,
  );

/** The shaders that look at candidates, by where their seeds and proposals are. */
export const RADIX = {
  silo: {histogram: histogram(SILO), classify: classify(SILO, 'next[i] = seed_of(i);')},
  pair: {histogram: histogram(PAIR), classify: classify(PAIR, '')},
  single: {histogram: histogram(SINGLE), classify: classify(SINGLE, '')},
};
