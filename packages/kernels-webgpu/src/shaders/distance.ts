/**
 * The bits of the distance of proposals from their seeds. Bits of floats that are not negative sort as the floats do.
 * What is subnormal is made zero here, whether the device flushes or not; what is not a number too.
 *
 * WGSL says nothing of a quotient whose divisor is above 2^126. So both are made smaller, by a power of two: exactly, but
 * for a dividend that becomes subnormal, whose quotient is zero anyway.
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
fn weight_of_bits(bits: U) -> F {
  if (weighed == 2u) {
    return sqrt(flushed(bits)) / params.root2;
  }
  return abs(flushed(bits));
}
fn distance_bits(proposal: U, seed_bits: U, weight: F) -> U {
  let b = flushed(seed_bits);
  var distance = magnitude(flushed(proposal) - b);
  if (metric == 1u) {
    let divisor = abs(b) + F(params.eta);
    let smaller = select(F(1.0), F(0x1p-32f), divisor > F(0x1p96f));
    distance = select(U(), magnitude(bitcast<F>(distance) * smaller / (divisor * smaller)), is_finite(bitcast<U>(divisor)));
  } else if (metric == 2u) {
    distance = magnitude(bitcast<F>(distance) * abs(b));
  }
  if (weighed != 0u) {
    distance = magnitude(bitcast<F>(distance) * weight);
  }
  return select(U(), distance, is_finite(proposal));
}`;
