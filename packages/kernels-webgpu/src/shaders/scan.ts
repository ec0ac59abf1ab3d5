import {SCAN_WORDS} from '../scratch-layout.js';
import {type Access, shader, NARROW_THREADS as THREADS} from './shader.js';

const EACH = SCAN_WORDS / THREADS;

/** A pair of counts that is to be added up over words, in order. */
const PAIR_SCAN = `
var<workgroup> lane: array<vec2<u32>, ${THREADS}>;

// Exclusive prefix of one pair a thread; the sum of all stays in the last lane.
fn scan(thread: u32, own: vec2<u32>) -> vec2<u32> {
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
  return lane[thread] - own;
}`;

const OLD_WORDS = {
  buffers: {mask: 'read', scratch: 'atomic'} as const,
  code: `
fn counts_of(word: u32) -> vec2<u32> {
  return vec2<u32>(countOneBits(mask[word]), 0u);
}`,
};

const NEW_WORDS = {
  buffers: {scratch: 'atomic'} as const,
  code: `
fn counts_of(word: u32) -> vec2<u32> {
  return vec2<u32>(
    countOneBits(atomicLoad(&scratch[params.first + word])),
    countOneBits(atomicLoad(&scratch[params.second + word])),
  );
}`,
};

interface Words {
  buffers: Record<string, Access>;
  code: string;
}

const COUNT_EACH = `
  let begin = group * ${SCAN_WORDS}u + thread * ${EACH}u;
  let end = min(begin + ${EACH}u, params.words);
  var own = vec2<u32>(0u);
  for (var word = begin; word < end; word++) {
    own += counts_of(word);
  }`;

/** First of three dispatches of a scan over words: the sums of each workgroup's words, added to zeros. */
const sums = (name: string, {buffers, code}: Words) =>
  shader(
    `sums ${name}`,
    buffers,
    [code],
    `${COUNT_EACH}
  add_up(params.sums + 2u * group, own.x);
  add_up(params.sums + 2u * group + 1u, own.y);`,
    THREADS,
  );

/** Third of three: each workgroup goes on from what the ones before it have. `visit` gets each word and its prefix. */
const spread = (name: string, {buffers, code}: Words, visit: string, {start = '', finish = ''} = {}) =>
  shader(
    name,
    buffers,
    [PAIR_SCAN, code],
    `${COUNT_EACH}
  var before = scan(thread, own);
${start}
  before += vec2<u32>(
    atomicLoad(&scratch[params.sums + 2u * group]),
    atomicLoad(&scratch[params.sums + 2u * group + 1u]),
  );
  for (var word = begin; word < end; word++) {
    let counts = counts_of(word);
${visit}
    before += counts;
  }
${finish}`,
    THREADS,
  );

/** Second of three, one workgroup: the exclusive prefixes of the sums, and the sums of all. */
export const SCAN_SUMS = shader(
  'scan sums',
  {scratch: 'atomic'},
  [PAIR_SCAN],
  `
  let total = (params.words + ${SCAN_WORDS - 1}u) / ${SCAN_WORDS}u;
  var carry = vec2<u32>(0u);
  for (var base = 0u; base < total; base += ${THREADS}u) {
    let at = params.sums + 2u * (base + thread);
    var own = vec2<u32>(0u);
    if (base + thread < total) {
      own = vec2<u32>(atomicLoad(&scratch[at]), atomicLoad(&scratch[at + 1u]));
    }
    let before = carry + scan(thread, own);
    if (base + thread < total) {
      atomicStore(&scratch[at], before.x);
      atomicStore(&scratch[at + 1u], before.y);
    }
    carry += lane[${THREADS - 1}];
    workgroupBarrier();
  }
  if (thread == 0u) {
    atomicStore(&scratch[HEAD_reachLeast], carry.x);
    atomicStore(&scratch[HEAD_exceedMost], carry.y);
  }`,
  THREADS,
);

/** Of each word of the old mask, how many entries were chosen before it. */
export const OLD_SUMS = sums('old', OLD_WORDS);
export const OLD_RANKS = spread(
  'old ranks',
  OLD_WORDS,
  `
    atomicStore(&scratch[params.ranks + word], before.x);`,
);

export const NEW_SUMS = sums('new', NEW_WORDS);

/** The bits that are chosen: all above the k-th distance, and of the ties as many as are needed, in order. */
const CHOSEN_WORD = `
    let need = head(HEAD_need);
    let first = atomicLoad(&scratch[params.first + word]);
    var ties = atomicLoad(&scratch[params.second + word]);
    var surplus = counts.y - min(counts.y, need - min(need, before.y));
    for (; surplus > 0u; surplus--) {
      ties &= ~(0x80000000u >> countLeadingZeros(ties));
    }
    let chosen = first | ties;`;

/** The new mask, the ranks of its words, and what entered and left. */
export const NEW_MASK = spread(
  'new mask',
  {
    buffers: {...NEW_WORDS.buffers, mask: 'read', newMask: 'write'},
    code: NEW_WORDS.code,
  },
  `${CHOSEN_WORD}
    atomicStore(&scratch[params.first + word], before.x + min(before.y, need));
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

/** The words of a top-k mask, which take the place of `first`. */
export const TOP_K_WORDS = spread(
  'top-k words',
  NEW_WORDS,
  `${CHOSEN_WORD}
    atomicStore(&scratch[params.first + word], chosen);`,
);
