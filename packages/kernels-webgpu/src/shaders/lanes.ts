/** How many elements a thread takes at once. */
export type Lanes = 1 | 4;

/** Scalar or vector types and what differs between them, so that the rest of a shader is one text for both. */
export const LANES: Record<Lanes, string> = {
  1: `
alias F = f32;
alias U = u32;
alias B = bool;
const LANE_BITS = 1u;
const ALL_LANES = 1u;
fn bits_of(flags: B) -> u32 { return select(0u, 1u, flags); }
fn flags_of(bits: u32) -> B { return (bits & LANE_BITS) != 0u; }
fn lane(words: U, i: u32) -> u32 { return words; }`,
  4: `
alias F = vec4<f32>;
alias U = vec4<u32>;
alias B = vec4<bool>;
const LANE_BITS = vec4<u32>(1u, 2u, 4u, 8u);
const ALL_LANES = 15u;
fn bits_of(flags: B) -> u32 { return dot(select(U(), LANE_BITS, flags), U(1u)); }
fn flags_of(bits: u32) -> B { return (U(bits) & LANE_BITS) != U(); }
fn lane(words: U, i: u32) -> u32 { return words[i & 3u]; }`,
};
