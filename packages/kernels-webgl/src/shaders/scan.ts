import {type Read, type Shader, shader} from './shader.js';

/** Counts that one pass of a scan adds up. */
export const RADIX = 16;

const GROUP = `
uniform int total;
uniform int radix;`;

interface Leaves {
  reads: Record<string, Read>;
  code: string;
}

/** What each word counts, as a pair. */
const LEAVES = {
  /** Of the old mask: what is chosen. */
  mask: {
    reads: {words: 'grid'},
    code: `
uvec2 counts_of(int word) {
  return uvec2(popcount(words_at(word).x), 0u);
}`,
  },
  /** Of a selection: what lies above the k-th distance, and what is as far. */
  sides: {
    reads: {sides: 'grid'},
    code: `
uvec2 counts_of(int word) {
  uvec4 both = sides_at(word);
  return uvec2(popcount(both.x), popcount(both.y));
}`,
  },
  /** Of the new mask: what was not chosen before. */
  entered: {
    reads: {after: 'grid', before: 'grid'},
    code: `
uvec2 counts_of(int word) {
  return uvec2(popcount(after_at(word).x & ~before_at(word).x), 0u);
}`,
  },
  /** Of a level of the scan. */
  level: {
    reads: {sums: 'grid'},
    code: `
uvec2 counts_of(int i) {
  return sums_at(i).xy;
}`,
  },
} satisfies Record<string, Leaves>;

/** Sums of RADIX counts each. */
const sum = (name: string, {reads, code}: Leaves) =>
  shader(
    `sum ${name}`,
    {reads, writes: {result: 'uvec2'}},
    [code, GROUP],
    `
  int end = min((i + 1) * radix, total);
  result = uvec2(0u);
  for (int j = i * radix; j < end; j++) {
    result += counts_of(j);
  }`,
  );

/** Exclusive prefixes: those of the level above, and the counts before in the same group of RADIX. */
const prefix = (name: string, {reads, code}: Leaves, part: string, write: string) =>
  shader(
    `prefix ${name}`,
    {
      reads: {...reads, base: 'grid', ...(name === 'sides' ? {choice: 'grid' as const} : {})},
      writes: {result: 'uvec2'},
    },
    [code, GROUP, part],
    `
  int group = i / radix;
  uvec2 before = radix == total ? uvec2(0u) : base_at(group).xy;
  for (int j = group * radix; j < i; j++) {
    before += counts_of(j);
  }
${write}`,
  );

/** The lowest bits of a word. */
const LOWEST = `
uint lowest(uint word, uint count) {
  if (count >= 32u) {
    return word;
  }
  uint kept = 0u;
  for (; count > 0u && word != 0u; count--) {
    uint bit = word & (~word + 1u);
    kept |= bit;
    word ^= bit;
  }
  return kept;
}`;

/** The shaders of a scan, by what is counted. */
export const SCAN: Record<'mask' | 'sides' | 'level', {sum: Shader; prefix: Shader}> = {
  /** Each word of the old mask, and how many entries were chosen before it. */
  mask: {
    sum: sum('mask', LEAVES.mask),
    prefix: prefix('mask', LEAVES.mask, '', '  result = uvec2(words_at(i).x, before.x);'),
  },
  /** Each word of the new mask, with as many of the ties as are needed, and how many entries are chosen before it. */
  sides: {
    sum: sum('sides', LEAVES.sides),
    prefix: prefix(
      'sides',
      LEAVES.sides,
      LOWEST,
      `
  uint need = choice_at(0).y;
  uvec4 both = sides_at(i);
  uint ties = min(before.y, need);
  result = uvec2(both.x | lowest(both.y, need - ties), before.x + ties);`,
    ),
  },
  level: {
    sum: sum('level', LEAVES.level),
    prefix: prefix('level', LEAVES.level, '', '  result = before;'),
  },
};

/** First pass of a sum over words of what entered. */
export const SUM_ENTERED = sum('entered', LEAVES.entered);
