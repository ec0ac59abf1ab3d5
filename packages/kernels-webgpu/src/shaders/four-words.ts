import {THREADS} from './shader.js';

/** Elements of a workgroup whose threads take four words each. */
export const BY_FOUR_WORDS = 4 * 32 * THREADS;

/**
 * Gives a thread the bits of four words of its piece, `begin` being the first of them in the mask: in `rest` what `load`
 * says of each. Four, for bits are few and threads that run together wait for the one that has most.
 */
export const fourWords = (load: (word: string) => string) => `
  let begin = params.word + 4u * (group * ${THREADS}u + thread);
  let end = params.word + (params.size + 31u) / 32u;
  var rest = vec4<u32>();
  ${[0, 1, 2, 3]
    .map((j) => {
      const word = `begin + ${j}u`;
      return `if (${word} < end) { rest[${j}] = ${load(word)}; }`;
    })
    .join('\n  ')}`;

/** Runs `body` for each bit of `rest`, in order: `word` is its word in the mask, `i` its element in the piece. */
export const eachBit = (body: string) => `
  while (any(rest != vec4<u32>())) {
    let j = select(select(select(3u, 2u, rest.z != 0u), 1u, rest.y != 0u), 0u, rest.x != 0u);
    let bits = select(select(select(rest.w, rest.z, rest.z != 0u), rest.y, rest.y != 0u), rest.x, rest.x != 0u);
    rest = select(rest, vec4<u32>(bits & (bits - 1u)), vec4<u32>(j) == vec4<u32>(0u, 1u, 2u, 3u));
    let word = begin + j;
    let i = 32u * (word - params.word) + countTrailingZeros(bits);
${body}
  }`;
