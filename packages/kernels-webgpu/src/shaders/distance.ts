/**
 * The bits of the distance of proposals from their seeds. Bits of floats that are not negative sort as the floats do.
 * What is subnormal is made zero here, whether the device flushes or not; what is not a number too.
 */
export const DISTANCE = `
fn flushed(bits: U) -> F {
  return select(bitcast<F>(bits), F(), (bits & U(MAGNITUDE)) < U(SMALLEST));
}
fn magnitude(x: F) -> U {
  let bits = bitcast<U>(x) & U(MAGNITUDE);
  return select(bits, U(), (bits < U(SMALLEST)) | (bits > U(INFINITE)));
}
fn is_finite(bits: U) -> B {
  return (bits & U(MAGNITUDE)) < U(INFINITE);
}
fn distance_bits(proposal: U, seed_bits: U) -> U {
  let b = flushed(seed_bits);
  var distance = magnitude(flushed(proposal) - b);
  if (metric == 1u) {
    distance = magnitude(bitcast<F>(distance) / (abs(b) + F(params.eta)));
  } else if (metric == 2u) {
    distance = magnitude(bitcast<F>(distance) * abs(b));
  }
  return select(U(), distance, is_finite(proposal));
}`;
