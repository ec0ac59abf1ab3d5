import {BINS, HISTOGRAM, TARGETS} from '../scratch-layout.js';
import {CANDIDATES} from './candidates.js';
import {DISTANCE} from './distance.js';
import {LANES} from './lanes.js';
import {NARROW_THREADS, shader, THREADS} from './shader.js';
import {PAIR, SILO, SINGLE, type Source, WEIGHED_PAIR, WEIGHED_SILO} from './source.js';

/** Which bits of a distance each level counts, from `low` up to `high`: 11, 10 and 10 of the 31. */
export const LEVELS = [
  {low: 20, high: 31},
  {low: 10, high: 20},
  {low: 0, high: 10},
] as const;
const FIRST_BINS = 2048;
/** Bins of a target at later levels. */
const PART = 1024;

/** Of each target's distance the bits that are known. */
const PREFIXES = `
fn prefixes() -> vec3<u32> {
  return vec3<u32>(head(HEAD_prefix), head(HEAD_prefix + 1u), head(HEAD_prefix + 2u));
}`;

/**
 * Counts a candidate by the first bits of its distance; at later levels one that shares the known high bits of a target's
 * distance by its next bits, in the bins of the first target that has these high bits. Candidates are so few that bins in
 * a workgroup's own memory would cost more, to empty and to add up, than they save.
 */
const PUT_INTO_BIN = `${PREFIXES}
fn put_into_bin(distance: u32, prefix: vec3<u32>) {
  let isFirst = params.high == 31u;
  let digits = select(${PART - 1}u, ${FIRST_BINS - 1}u, isFirst);
  let known = vec3<u32>(distance >> params.high) == prefix;
  if (isFirst | any(known)) {
    let goal = select(select(2u, 1u, known.y), 0u, known.x | isFirst);
    atomicAdd(&scratch[${HISTOGRAM}u + goal * ${PART}u + ((distance >> params.low) & digits)], 1u);
  }
}`;

/** Runs `body` for each candidate in the list, wherever it lies in the silo, or where there is no list goes on. */
const eachListed = (body: string) => `
  if (head(HEAD_fits) == 1u) {
    if (params.word > 0u) {
      return; // the list is for the first piece
    }
    for (var at = group * ${THREADS}u + thread; at < head(HEAD_listed); at += groups * ${THREADS}u) {
      let distance = atomicLoad(&scratch[params.list + params.capacity + at]);
${body}
    }
    return;
  }`;

/** Counts the candidates in the list; where that has no room, looks at all words for them. */
const histogram = ({name, buffers, code}: Source) =>
  shader(
    `histogram ${name}`,
    buffers,
    [LANES[1], DISTANCE, code, CANDIDATES, PUT_INTO_BIN],
    `
  let prefix = prefixes();
  ${eachListed('      put_into_bin(distance, prefix);')}
  for (var word = group * ${THREADS}u + thread; 32u * word < params.size; word += groups * ${THREADS}u) {
    for (var rest = candidates_of(params.word + word); rest != 0u; rest &= rest - 1u) {
      let i = 32u * word + countTrailingZeros(rest);
      put_into_bin(distance_bits(proposal_of(i), seed_of(i), weight_of(i)), prefix);
    }
  }`,
  );

/**
 * One workgroup: finds the bin that holds each target, and empties the bins for the next level. No two threads touch the
 * same words between barriers, so that none is atomic, and sixteen loads are on their way at once.
 */
export const NARROW = shader(
  'narrow',
  {scratch: 'write'},
  [
    PREFIXES,
    `
var<workgroup> lane: array<u32, ${TARGETS * NARROW_THREADS}>;
fn load_bins(part: u32, first: u32) -> array<u32, 16> {
  var bins: array<u32, 16>;
  for (var j = 0u; j < 16u; j++) {
    bins[j] = scratch[${HISTOGRAM}u + part * ${PART}u + first + j];
  }
  return bins;
}`,
  ],
  `
  let isFirst = params.high == 31u;
  let prefix = prefixes();
  let each = select(${PART / NARROW_THREADS}u, ${FIRST_BINS / NARROW_THREADS}u, isFirst);
  let parts = select(${TARGETS}u, 1u, isFirst);
  for (var part = 0u; part < parts; part++) {
    var own = 0u;
    for (var first = 0u; first < each; first += 16u) {
      let bins = load_bins(part, thread * each + first);
      for (var j = 0u; j < 16u; j++) {
        own += bins[j];
      }
    }
    lane[part * ${NARROW_THREADS}u + thread] = own;
  }
  storageBarrier();
  workgroupBarrier();
  if (thread < ${TARGETS}u) {
    var need = head(HEAD_need + thread);
    if (isFirst) {
      var candidates = 0u;
      for (var j = 0u; j < ${NARROW_THREADS}u; j++) {
        candidates += lane[j];
      }
      let wanted = min(params.k - min(params.k, head(HEAD_exceedMost)), candidates);
      need = wanted;
      if (thread == 0u) {
        scratch[HEAD_candidates] = candidates;
        scratch[HEAD_wanted] = wanted;
      } else if (thread == 1u) {
        need -= min(need, params.reach);
      } else {
        need = select(0u, wanted + params.reach, wanted > 0u && params.reach <= candidates - wanted);
      }
    }
    let same = prefix == vec3<u32>(prefix[thread]);
    let part = select(select(select(2u, 1u, same.y), 0u, same.x), 0u, isFirst);
    var found = NEVER;
    if (need > 0u) {
      var at = ${NARROW_THREADS - 1}u;
      for (; at > 0u && lane[part * ${NARROW_THREADS}u + at] < need; at--) {
        need -= lane[part * ${NARROW_THREADS}u + at];
      }
      var bin = at * each + each;
      var above = 0u;
      var last = 0u;
      for (; bin > at * each && above < need; ) {
        let bins = load_bins(part, bin - 16u);
        for (var j = 16u; j > 0u && above < need; j--) {
          bin--;
          above += bins[j - 1u];
          last = bins[j - 1u];
        }
      }
      need -= above - last;
      found = (prefix[thread] << (params.high - params.low)) | bin;
    }
    scratch[HEAD_prefix + thread] = found;
    scratch[HEAD_need + thread] = need;
  }
  storageBarrier();
  workgroupBarrier();
  for (var bin = thread; bin < ${BINS}u; bin += ${NARROW_THREADS}u) {
    scratch[${HISTOGRAM}u + bin] = 0u;
  }`,
  NARROW_THREADS,
);

/** Sorts the candidates by the k-th distance into those above it and the ties. */
const classify = ({name, buffers, code}: Source) =>
  shader(
    `classify ${name}`,
    buffers,
    [LANES[1], DISTANCE, code, CANDIDATES],
    `
  let kth = head(HEAD_prefix);
  ${eachListed(`
      if (distance >= kth) {
        let place = atomicLoad(&scratch[params.list + at]);
        let part = select(params.above, params.ties, distance == kth);
        atomicOr(&scratch[part + (place >> 5u)], 1u << (place & 31u));
      }`)}
  for (var word = group * ${THREADS}u + thread; 32u * word < params.size; word += groups * ${THREADS}u) {
    var above = select(atomicLoad(&scratch[params.above + params.word + word]), 0u, rises());
    var ties = 0u;
    for (var rest = candidates_of(params.word + word); rest != 0u; rest &= rest - 1u) {
      let bit = countTrailingZeros(rest);
      let i = 32u * word + bit;
      let distance = distance_bits(proposal_of(i), seed_of(i), weight_of(i));
      above |= select(0u, 1u << bit, distance > kth);
      ties |= select(0u, 1u << bit, distance == kth);
    }
    atomicStore(&scratch[params.above + params.word + word], above);
    atomicStore(&scratch[params.ties + params.word + word], ties);
  }`,
  );

/** By where seeds and proposals are. */
export const RADIX = {
  silo: {histogram: histogram(SILO), classify: classify(SILO)},
  'silo weighed': {histogram: histogram(WEIGHED_SILO), classify: classify(WEIGHED_SILO)},
  pair: {histogram: histogram(PAIR), classify: classify(PAIR)},
  'pair weighed': {histogram: histogram(WEIGHED_PAIR), classify: classify(WEIGHED_PAIR)},
  single: {histogram: histogram(SINGLE), classify: classify(SINGLE)},
};
