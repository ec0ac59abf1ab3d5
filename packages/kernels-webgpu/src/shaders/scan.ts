import {THREAD_WORDS} from '../scratch-layout.js';
import {type Access, shader, THREADS} from './shader.js';

/** A pair of counts that is to be added up over words, in order. */
const PAIR = `
fn load_pair(at: u32) -> vec2<u32> {
  return vec2<u32>(atomicLoad(&scratch[at]), atomicLoad(&scratch[at + 1u]));
}
fn store_pair(at: u32, pair: vec2<u32>) {
  atomicStore(&scratch[at], pair.x);
  atomicStore(&scratch[at + 1u], pair.y);
}`;

const OLD_WORDS = {
  buffers: {mask: 'read', scratch: 'atomic'} as const,
  code: `
fn counts_of(word: u32) -> vec2<u32> {
  return vec2<u32>(countOneBits(mask[word]), 0u);
}`,
};

const pairOf = (one: string, other: string) => ({
  buffers: {scratch: 'atomic'} as const,
  code: `
fn counts_of(word: u32) -> vec2<u32> {
  return vec2<u32>(
    countOneBits(atomicLoad(&scratch[params.${one} + word])),
    countOneBits(atomicLoad(&scratch[params.${other} + word])),
  );
}`,
});
const WINDOW_WORDS = pairOf('reaching', 'above');
const NEW_WORDS = pairOf('above', 'ties');

interface Words {
  buffers: Record<string, Access>;
  code: string;
}

/** Where the words of a thread lie. */
const OWN_WORDS = `
  let at = group * ${THREADS}u + thread;
  let begin = at * ${THREAD_WORDS}u;
  let end = min(begin + ${THREAD_WORDS}u, params.words);`;

const COUNT = `${OWN_WORDS}
  var own = vec2<u32>(0u);
  for (var word = begin; word < end; word++) {
    own += counts_of(word);
  }`;

/** First of three dispatches of a scan over words: what each thread's words have. */
const count = (name: string, {buffers, code}: Words) =>
  shader(
    `count ${name}`,
    buffers,
    [PAIR, code],
    `${COUNT}
  if (begin < end) {
    store_pair(params.sums + 2u * at, own);
  }`,
  );

/**
 * Second of three, one workgroup: what the threads before each have. Only here are barriers: they make a shader slow. No
 * thread sees another's words, so that none is atomic, and eight loads are on their way at once.
 */
export const SCAN_SUMS = shader(
  'scan sums',
  {scratch: 'write'},
  [
    `
var<workgroup> lane: array<vec2<u32>, ${THREADS}>;
fn load_eight(at: u32, end: u32) -> array<vec2<u32>, 8> {
  var pairs: array<vec2<u32>, 8>;
  for (var j = 0u; j < 8u; j++) {
    let place = params.sums + 2u * min(at + j, end - 1u);
    pairs[j] = select(vec2<u32>(), vec2<u32>(scratch[place], scratch[place + 1u]), at + j < end);
  }
  return pairs;
}`,
  ],
  `
  let total = (params.words + ${THREAD_WORDS - 1}u) / ${THREAD_WORDS}u;
  let each = (total + ${THREADS - 1}u) / ${THREADS}u;
  let begin = min(thread * each, total);
  let end = min(begin + each, total);
  var own = vec2<u32>(0u);
  for (var at = begin; at < end; at += 8u) {
    let pairs = load_eight(at, end);
    for (var j = 0u; j < 8u; j++) {
      own += pairs[j];
    }
  }
  lane[thread] = own;
  workgroupBarrier();
  for (var reach = 1u; reach < ${THREADS}u; reach *= 2u) {
    var before = vec2<u32>(0u);
    if (thread >= reach) {
      before = lane[thread - reach];
    }
    workgroupBarrier();
    lane[thread] += before;
    workgroupBarrier();
  }
  var before = lane[thread] - own;
  for (var at = begin; at < end; at += 8u) {
    let pairs = load_eight(at, end);
    for (var j = 0u; j < min(8u, end - at); j++) {
      let place = params.sums + 2u * (at + j);
      scratch[place] = before.x;
      scratch[place + 1u] = before.y;
      before += pairs[j];
    }
  }`,
);

/** Third of three: each thread goes on from what the ones before it have. `visit` gets each word and its prefix. */
const spread = (name: string, {buffers, code}: Words, visit: string, {start = '', finish = ''} = {}) =>
  shader(
    name,
    buffers,
    [PAIR, code],
    `${OWN_WORDS}
  var before = vec2<u32>(0u);
  if (begin < end) {
    before = load_pair(params.sums + 2u * at);
  }
${start}
  for (var word = begin; word < end; word++) {
    let counts = counts_of(word);
${visit}
    before += counts;
  }
${finish}`,
  );

/** Of each word of the old mask, how many entries were chosen before it. */
export const COUNT_OLD = count('old', OLD_WORDS);
export const OLD_RANKS = spread(
  'old ranks',
  OLD_WORDS,
  `
    atomicStore(&scratch[params.ranks + word], before.x);`,
);

export const COUNT_NEW = count('new', NEW_WORDS);

/** How many reach `least`, and how many exceed `most`: no scan, but the sums of all. */
export const TALLY = shader(
  'tally',
  WINDOW_WORDS.buffers,
  [WINDOW_WORDS.code],
  `${COUNT}
  add_up(HEAD_reachLeast, own.x);
  add_up(HEAD_exceedMost, own.y);`,
);

/** The bits that are chosen: all above the k-th distance, and of the ties as many as are needed, in order. */
const CHOSEN_WORD = `
    let need = head(HEAD_need);
    let above = atomicLoad(&scratch[params.above + word]);
    var ties = atomicLoad(&scratch[params.ties + word]);
    var surplus = counts.y - min(counts.y, need - min(need, before.y));
    for (; surplus > 0u; surplus--) {
      ties &= ~(0x80000000u >> countLeadingZeros(ties));
    }
    let chosen = above | ties;`;

/** The new mask, the ranks of its words, and what entered and left. */
export const NEW_MASK = spread(
  'new mask',
  {
    buffers: {...NEW_WORDS.buffers, mask: 'read', newMask: 'write'},
    code: NEW_WORDS.code,
  },
  `${CHOSEN_WORD}
    atomicStore(&scratch[params.above + word], before.x + min(before.y, need));
    newMask[word] = chosen;
    size += countOneBits(chosen);
    entered += countOneBits(chosen & ~mask[word]);
    left += countOneBits(mask[word] & ~chosen);`,
  {
    start: `
  var size = 0u;
  var entered = 0u;
  var left = 0u;`,
    finish: `
  add_up(HEAD_size, size);
  add_up(HEAD_entered, entered);
  add_up(HEAD_left, left);`,
  },
);

/** The words of a top-k mask, which take the place of `reaching`. */
export const TOP_K_WORDS = spread(
  'top-k words',
  NEW_WORDS,
  `${CHOSEN_WORD}
    atomicStore(&scratch[params.reaching + word], chosen);`,
);
