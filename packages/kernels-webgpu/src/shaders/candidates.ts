/** The candidates of a word: who lies in the window, or where too many lie above it, those. */
export const CANDIDATES = `
fn rises() -> bool { return head(HEAD_rise) == 1u; }
fn candidates_of(word: u32) -> u32 {
  let above = atomicLoad(&scratch[params.above + word]);
  return select(atomicLoad(&scratch[params.reaching + word]) & ~above, above, rises());
}`;
