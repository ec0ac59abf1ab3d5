/** Code units of a token that others could be merged to: published ones have up to 32. */
const LONGEST = 128;
/** Merges of one vocabulary: published ones have two or three a token. */
const MOST_MERGES = 2 ** 21;

/**
 * The merges of a SentencePiece vocabulary: all pairs of tokens that make another, the one with the highest score first,
 * as transformers recovers them (`generate_merges`).
 *
 * @param what What errors call the scores.
 */
export function mergesOfScores(
  what: string,
  tokens: readonly string[],
  scores: Float32Array,
  vocab: ReadonlyMap<string, number>,
): [left: string, right: string][] {
  if (scores.length !== tokens.length) throw new Error(`${what} has ${scores.length}, expected ${tokens.length}`);
  const found: {left: string; right: string; score: number; lengths: [number, number]}[] = [];
  for (const [id, token] of tokens.entries()) {
    if (Number.isNaN(scores[id])) throw new Error(`${what} has NaN at ${id}, expected numbers`);
    if (token.length > LONGEST) continue;
    const characters = [...token];
    const pairs: [left: number, right: number, at: number][] = [];
    let end = 0;
    for (const [i, character] of characters.entries()) {
      end += character.length;
      const left = vocab.get(token.slice(0, end));
      const right = left === undefined ? undefined : vocab.get(token.slice(end));
      if (left !== undefined && right !== undefined) pairs.push([left, right, i + 1]);
    }
    if (found.length + pairs.length > MOST_MERGES) {
      throw new Error(`${what} stand for more than ${MOST_MERGES} merges, expected at most that`);
    }
    pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    for (const [left, right, at] of pairs) {
      const lengths: [number, number] = [at, characters.length - at];
      found.push({left: tokens[left], right: tokens[right], score: scores[id], lengths});
    }
  }
  found.sort((a, b) => b.score - a.score || b.lengths[0] - a.lengths[0] || b.lengths[1] - a.lengths[1]);
  return found.map(({left, right}) => [left, right]);
}
