import {BINS, HISTOGRAM, TARGETS} from '../scratch-layout.js';
import {DISTANCE} from './distance.js';
import {LANES} from './lanes.js';
import {NARROW_THREADS, shader, THREADS} from './shader.js';
import {PAIR, SILO, SINGLE, type Source} from './source.js';

/** Which bits of a distance each level counts, from `low` up to `high`: 11, 10 and 10 of the 31. */
export const LEVELS = [
  {low: 20, high: 31},
  {low: 10, high: 20},
  {low: 0, high: 10},
] as const;
const FIRST_BINS = 2048;
/** Bins of a target at later levels. */
const PART = 1024;

/**
 * Counts the candidates by the first bits of their distances; at later levels those that share the known high bits of a
 * target's distance by their next bits, in the bins of the first target that has these high bits. Each thread takes four
 * words and looks only at their candidates; they are so few that bins in a workgroup's own memory would cost more, to
 * empty and to add up, than they save.
 */
const histogram = ({name, buffers, code}: Source) =>
  shader(
    `histogram ${name}`,
    buffers,
    [LANES[1], DISTANCE, code],
    `
  let begin = 4u * (group * ${THREADS}u + thread);
  let words = (params.size + 31u) / 32u;
  let rise = head(HEAD_rise) == 1u;
  var rest = vec4<u32>();
  for (var j = 0u; j < 4u; j++) {
    if (begin + j < words) {
      let sure = atomicLoad(&scratch[params.second + params.word + begin + j]);
      let all = atomicLoad(&scratch[params.first + params.word + begin + j]);
      rest[j] = select(all & ~sure, sure, rise);
    }
  }
  let isFirst = params.high == 31u;
  let digits = select(${PART - 1}u, ${FIRST_BINS - 1}u, isFirst);
  let prefix = vec3<u32>(head(HEAD_prefix), head(HEAD_prefix + 1u), head(HEAD_prefix + 2u));
  while (any(rest != vec4<u32>())) {
    let j = select(select(select(3u, 2u, rest.z != 0u), 1u, rest.y != 0u), 0u, rest.x != 0u);
    let bits = rest[j];
    let i = 32u * (begin + j) + countTrailingZeros(bits);
    rest[j] = bits & (bits - 1u);
    let distance = distance_bits(proposal_of(i), seed_of(i));
    let known = vec3<u32>(distance >> params.high) == prefix;
    if (isFirst | any(known)) {
      let goal = select(select(2u, 1u, known.y), 0u, known.x | isFirst);
      atomicAdd(&scratch[${HISTOGRAM}u + goal * ${PART}u + ((distance >> params.low) & digits)], 1u);
    }
  }`,
  );

/** One workgroup: finds the bin that holds each target, and empties the bins for the next level. */
export const NARROW = shader(
  'narrow',
  {scratch: 'atomic'},
  [`var<workgroup> lane: array<u32, ${TARGETS * NARROW_THREADS}>;`],
  `
  let isFirst = params.high == 31u;
  let prefix = vec3<u32>(head(HEAD_prefix), head(HEAD_prefix + 1u), head(HEAD_prefix + 2u));
  let each = select(${PART / NARROW_THREADS}u, ${FIRST_BINS / NARROW_THREADS}u, isFirst);
  let parts = select(${TARGETS}u, 1u, isFirst);
  for (var part = 0u; part < parts; part++) {
    var own = 0u;
    for (var j = 0u; j < each; j++) {
      own += atomicLoad(&scratch[${HISTOGRAM}u + part * ${PART}u + thread * each + j]);
    }
    lane[part * ${NARROW_THREADS}u + thread] = own;
  }
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
        atomicStore(&scratch[HEAD_candidates], candidates);
        atomicStore(&scratch[HEAD_wanted], wanted);
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
      var bin = at * each + each - 1u;
      for (; bin > at * each; bin--) {
        let total = atomicLoad(&scratch[${HISTOGRAM}u + part * ${PART}u + bin]);
        if (total >= need) {
          break;
        }
        need -= total;
      }
      found = (prefix[thread] << (params.high - params.low)) | bin;
    }
    atomicStore(&scratch[HEAD_prefix + thread], found);
    atomicStore(&scratch[HEAD_need + thread], need);
  }
  storageBarrier();
  workgroupBarrier();
  for (var bin = thread; bin < ${BINS}u; bin += ${NARROW_THREADS}u) {
    atomicStore(&scratch[${HISTOGRAM}u + bin], 0u);
  }`,
  NARROW_THREADS,
);

/** Sorts the candidates by the k-th distance into those above it and the ties; `drop` sees the others. */
const classify = ({name, buffers, code}: Source, drop: string) =>
  shader(
    `classify ${name}`,
    buffers,
    [LANES[1], DISTANCE, code],
    `
  let word = group * ${THREADS}u + thread;
  if (32u * word >= params.size) {
    return;
  }
  let kth = head(HEAD_prefix);
  let first = params.first + params.word + word;
  let second = params.second + params.word + word;
  let sure = atomicLoad(&scratch[second]);
  let rise = head(HEAD_rise) == 1u;
  var above = select(sure, 0u, rise);
  var rest = atomicLoad(&scratch[first]) & ~above;
  var ties = 0u;
  for (; rest != 0u; rest &= rest - 1u) {
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
