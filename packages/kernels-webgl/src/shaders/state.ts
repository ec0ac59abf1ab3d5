import {Info, Path} from '@subset-tuning/kernels';
import {shader} from './shader.js';
import {SEEDS} from './source.js';

/** A word from the two int32 elements, held as floats, that a tensor of the state keeps it in. */
const WORD = (tensor: string) => `
uint ${tensor}_word(int i) {
  uint low = uint(uintBitsToFloat(${tensor}_at(2 * i)));
  return low | (uint(uintBitsToFloat(${tensor}_at(2 * i + 1))) << 16u);
}`;

/** The half of a word that element i of such a tensor keeps. */
const HALF = `
float half_of(uint word, int i) {
  return float((word >> ((i & 1) << 4)) & 0xffffu);
}`;

/** The words of the mask that a state's tensor holds. */
export const READ_MASK = shader(
  'read mask',
  {reads: {mask: 'tensor'}, writes: {result: 'uint'}},
  [WORD('mask')],
  '  result = mask_word(i);',
);

/** A state's tensor of the new mask. */
export const WRITE_MASK = shader(
  'write mask',
  {reads: {after: 'grid'}, writes: {result: 'float'}},
  [HALF],
  '  result = half_of(after_at(i >> 1).x, i);',
);

/** A top-k mask as tfjs keeps bools: an element each. */
export const EXPAND = shader(
  'expand',
  {reads: {after: 'grid'}, writes: {result: 'float'}},
  [],
  '  result = float((after_at(i >> 5).x >> (i & 31)) & 1u);',
);

/** Ranks from one that is sought among all words to the next. */
export const STRIDE = 16;

/** GLSL that finds the last word from `low` to `high` − 1 that no more than `rank` entries come before. */
const SEEK = `
int seek(uint rank, int low, int high) {
  while (high - low > 1) {
    int middle = (low + high) >> 1;
    if (after_at(middle).y <= rank) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}`;

/** The word that has the first of every STRIDE ranks. */
export const SEEK_STRIDES = shader(
  'seek strides',
  {reads: {after: 'grid'}, writes: {result: 'uint'}},
  [SEEK, 'uniform int words;'],
  `  result = uint(seek(uint(${STRIDE} * i), 0, words));`,
);

/** The place in the mask, in bits, of the chosen entry of each rank. Behind the last one it is of no meaning. */
export const SEEK_RANKS = shader(
  'seek ranks',
  {reads: {after: 'grid', strides: 'grid'}, writes: {result: 'uint'}},
  [SEEK],
  `
  int stride = i / ${STRIDE};
  int found = seek(uint(i), int(strides_at(stride).x), int(strides_at(stride + 1).x) + 1);
  uvec4 word = after_at(found);
  uint rest = word.x;
  for (uint skip = min(uint(i) - word.y, 31u); skip > 0u; skip--) {
    rest &= rest - 1u;
  }
  result = uint(32 * found) + popcount((rest & (~rest + 1u)) - 1u);`,
);

/** Packs the seeds of one tensor's chosen entries, each at its rank, and leaves those of others; then zeros. */
export const PACK_SEEDS = shader(
  'pack seeds',
  {reads: {...SEEDS.reads, places: 'grid', report: 'grid'}, writes: {result: 'float'}},
  [SEEDS.code, 'uniform int size;'],
  `
  int element = int(places_at(i).x) - 32 * first;
  bool some = uint(i) < report_at(0).x;
  if (some && (element < 0 || element >= size)) {
    discard;
  }
  result = some ? uintBitsToFloat(seed_of(element, theta_at(element))) : 0.0;`,
);

/** The new info. */
export const REPORT = shader(
  'report',
  {
    reads: {info: 'tensor', report: 'grid', choice: 'grid', before: 'grid', sums: 'grid'},
    writes: {result: 'float'},
  },
  [
    WORD('info'),
    HALF,
    `
uniform int words; // of the mask
uniform int groups; // sums of what entered
uniform int kept;`,
  ],
  `
  int place = i >> 1;
  uint value = info_word(place);
  uvec4 counts = report_at(0);
  uvec4 last = before_at(words - 1);
  uint previous = last.y + popcount(last.x);
  uint size = kept == 1 ? previous : counts.x;
  uint entered = 0u;
  if (kept == 0 && (place == ${Info.entered} || place == ${Info.left})) {
    for (int group = 0; group < groups; group++) {
      entered += sums_at(group).x;
    }
  }
  if (place == ${Info.size}) {
    value = size;
  } else if (place == ${Info.entered}) {
    value = entered;
  } else if (place == ${Info.left}) {
    value = previous + entered - size;
  } else if (place == ${Info.nonFiniteGradients}) {
    value = counts.y;
  } else if (place == ${Info.nonFiniteProposals}) {
    value = counts.z;
  } else if (place == ${Info.path}) {
    value = kept == 1 ? ${Path.kept}u : ${Path.miss}u;
  } else if (kept == 0 && place == ${Info.threshold}) {
    value = size == 0u ? 0u : choice_at(0).x;
  } else if (kept == 0 && place == ${Info.misses}) {
    value += 1u;
  }
  result = half_of(value, i);`,
);
