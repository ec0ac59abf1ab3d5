/** Ids that are the same everywhere, as `pytorch_model.py` draws them. */
export function tokenIds(count: number, vocabularySize: number): number[] {
  let state = 1;
  return Array.from({length: count}, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % vocabularySize;
  });
}
