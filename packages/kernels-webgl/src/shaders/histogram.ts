import {SELECTABLE} from './distance.js';
import {shader, walk} from './shader.js';

/** Elements that one histogram counts: few enough that its 16 counters fit 8 bits each. */
export const BLOCK = 128;
/** Histograms that one pass adds up. */
export const FAN_IN = 64;
/** Bits of a distance that a level of the search fixes. */
export const LEVEL_BITS = 4;

const ADD = `
uvec4 added(uvec4 counters, uint bin) {
  uint one = 1u << ((bin & 3u) << 3u);
  return counters + uvec4(equal(uvec4(bin >> 2u), uvec4(0u, 1u, 2u, 3u))) * one;
}`;

/**
 * The first level's histogram of each block: eight bins for the topmost bits of what can be chosen, then how many
 * gradients and proposals are not finite.
 */
export const HISTOGRAM_FIRST = shader(
  'first histogram',
  {reads: {distances: 'lanes'}, writes: {counters: 'uvec4'}},
  [
    ADD,
    `
uniform int size;`,
  ],
  `
  int begin = ${BLOCK} * i;
  int end = min(begin + ${BLOCK}, size);
  counters = uvec4(0u);
  ${walk(
    'distances',
    'begin',
    'end',
    `
    uint bits = lane & MAGNITUDE;
    if (bits >= SMALLEST) {
      counters = added(counters, bits >> 28u);
    } else if (bits != 0u) {
      counters = added(counters, 9u);
    }
    if (lane != bits) {
      counters = added(counters, 8u);
    }`,
  )}`,
);

/**
 * A later level's histogram of each block, over what begins with the bits that are known. A block where the last level
 * counted none of those has none to look for.
 */
export const HISTOGRAM = shader(
  'histogram',
  {reads: {distances: 'lanes', prior: 'grid', choice: 'grid'}, writes: {counters: 'uvec4'}},
  [
    ADD,
    SELECTABLE,
    `
uniform int size;
uniform int shift;`,
  ],
  `
  uvec4 known = choice_at(0);
  uint bin = known.x & 15u;
  counters = uvec4(0u);
  if (known.y == 0u || ((prior_at(i + from)[bin >> 2u] >> ((bin & 3u) << 3u)) & 255u) == 0u) {
    return;
  }
  int begin = ${BLOCK} * i;
  int end = min(begin + ${BLOCK}, size);
  ${walk(
    'distances',
    'begin',
    'end',
    `
    uint bits = selectable(lane) >> shift;
    if (bits >> ${LEVEL_BITS}u == known.x && lane > 1u) {
      counters = added(counters, bits & 15u);
    }`,
  )}`,
);

/** Adds up the counters of FAN_IN blocks. A histogram is then four texels, texel q with bins 4q to 4q + 3. */
export const ADD_BLOCKS = shader(
  'add blocks',
  {reads: {counters: 'grid'}, writes: {sums: 'uvec4'}},
  [
    `
uniform int blocks;`,
  ],
  `
  int begin = (i >> 2) * ${FAN_IN};
  int end = min(begin + ${FAN_IN}, blocks);
  sums = uvec4(0u);
  for (int block = begin; block < end; block++) {
    uint four = counters_at(block)[i & 3];
    sums += (uvec4(four) >> uvec4(0u, 8u, 16u, 24u)) & 255u;
  }`,
);

/** Adds up FAN_IN histograms. */
export const ADD_SUMS = shader(
  'add sums',
  {reads: {parts: 'grid'}, writes: {sums: 'uvec4'}},
  [
    `
uniform int groups;`,
  ],
  `
  int begin = (i >> 2) * ${FAN_IN};
  int end = min(begin + ${FAN_IN}, groups);
  sums = uvec4(0u);
  for (int group = begin; group < end; group++) {
    sums += parts_at(4 * group + (i & 3));
  }`,
);

const TOTAL = `
uniform int groups;

// Bins 4q to 4q + 3 of all.
uvec4 total(int q) {
  uvec4 sum = uvec4(0u);
  for (int group = 0; group < groups; group++) {
    sum += sums_at(4 * group + q);
  }
  return sum;
}`;

/** Finds the bin of the k-th largest: the known bits, those of this level appended, and which of that bin it is. */
const DESCEND = `
uvec4 descend(uint known, uint need) {
  for (int q = 3; q >= 0; q--) {
    uvec4 bins = total(q);
    for (int j = 3; j >= 0; j--) {
      if (bins[j] >= need) {
        return uvec4((known << ${LEVEL_BITS}u) | uint(4 * q + j), need, 0u, 0u);
      }
      need -= bins[j];
    }
  }
  return uvec4(0u);
}`;

/** As {@link CHOOSE}; and how many will be chosen, and how many gradients and proposals are not finite. */
export const CHOOSE_FIRST = shader(
  'first choice',
  {reads: {sums: 'grid'}, writes: {choice: 'uvec4', report: 'uvec4'}},
  [
    TOTAL,
    `
uniform uint k;`,
  ],
  `
  uvec4 low = total(0);
  uvec4 high = total(1);
  uvec4 bad = total(2);
  uint all = low.x + low.y + low.z + low.w + high.x + high.y + high.z + high.w;
  uint need = min(k, all);
  report = uvec4(need, bad.x, bad.y, 0u);
  choice = uvec4(0u);
  if (need == 0u) {
    return;
  }
  for (int bin = 7; bin >= 0; bin--) {
    uint size = bin > 3 ? high[bin - 4] : low[bin];
    if (size >= need) {
      choice = uvec4(uint(bin), need, 0u, 0u);
      return;
    }
    need -= size;
  }`,
);

/** One texel: the bits of the k-th distance that are known so far, and its place among those that begin so. */
export const CHOOSE = shader(
  'choice',
  {reads: {sums: 'grid', last: 'grid'}, writes: {choice: 'uvec4'}},
  [TOTAL, DESCEND],
  `
  uvec4 known = last_at(0);
  choice = known.y == 0u ? uvec4(0u) : descend(known.x, known.y);`,
);

/** Of each mask word, which lie above the k-th distance and which are as far. Nothing is where nothing is chosen. */
export const CLASSIFY = shader(
  'classify',
  {reads: {distances: 'lanes', choice: 'grid'}, writes: {sides: 'uvec2'}},
  [
    SELECTABLE,
    `
uniform int size;`,
  ],
  `
  uvec4 kth = choice_at(0);
  sides = uvec2(0u);
  if (kth.y == 0u) {
    return;
  }
  int begin = 32 * i;
  int end = min(begin + 32, size);
  uint bit = 1u;
  ${walk(
    'distances',
    'begin',
    'end',
    `
    uint bits = selectable(lane);
    sides |= uvec2(bits > kth.x, bits == kth.x) * bit;
    bit <<= 1;`,
  )}`,
);
