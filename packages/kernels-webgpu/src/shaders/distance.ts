/**
 * The bits of the distance of a proposal from its seed. Bits of floats that are not negative sort as the floats do. What
 * is subnormal is made zero here, whether the device flushes or not; what is not a number too.
 */
export const DISTANCE = `
fn flushed(bits: u32) -> f32 {
  return select(bitcast<f32>(bits), 0.0, (bits & MAGNITUDE) < SMALLEST);
}
fn magnitude(x: f32) -> u32 {
  let bits = bitcast<u32>(x) & MAGNITUDE;
  return select(bits, 0u, bits < SMALLEST || bits > INFINITE);
}
fn distance_bits(proposal: u32, seed_bits: u32) -> u32 {
  if ((proposal & MAGNITUDE) >= INFINITE) {
    return 0u;
  }
  let b = flushed(seed_bits);
  let difference = magnitude(flushed(proposal) - b);
  if (params.metric == 1u) {
    return magnitude(bitcast<f32>(difference) / (abs(b) + params.eta));
  }
  if (params.metric == 2u) {
    return magnitude(bitcast<f32>(difference) * abs(b));
  }
  return difference;
}`;
