/**
 * The bits of a distance order distances, so that they are compared as integers. What is not finite is told apart from
 * zero by a place that no distance has, and by the sign a gradient that is not.
 *
 * GLSL says nothing of a quotient whose divisor is above 2^126. So both are made smaller, by a power of two: exactly, but
 * for a dividend that becomes subnormal, whose quotient is zero anyway.
 */
export const DISTANCE = `
const uint NOT_FINITE = 1u;
const uint BAD_GRADIENT = 0x80000000u;
uniform int metric; // 0 absolute, 1 relative, 2 weighted
uniform float eta;

float flushed(uint bits) {
  return uintBitsToFloat((bits & MAGNITUDE) < SMALLEST ? 0u : bits);
}

float quotient(float dividend, float divisor) {
  if (!is_finite(floatBitsToUint(divisor))) {
    return 0.0;
  }
  float smaller = divisor > 1e30 ? uintBitsToFloat(0x2f800000u) : 1.0; // 2^-32
  return (dividend * smaller) / (divisor * smaller);
}

uint distance_bits(uint a, uint b) {
  if (!is_finite(a)) {
    return NOT_FINITE;
  }
  float seed = flushed(b);
  uint bits = floatBitsToUint(flushed(a) - seed) & MAGNITUDE;
  if (metric != 0) {
    float difference = flushed(bits);
    float size = abs(seed);
    bits = floatBitsToUint(metric == 1 ? quotient(difference, size + eta) : difference * size) & MAGNITUDE;
  }
  return bits < SMALLEST || bits > INFINITE ? 0u : bits;
}

uint weighed(uint distance, float weight) {
  if (distance < SMALLEST || weight == 0.0) {
    return distance == NOT_FINITE ? distance : 0u;
  }
  uint bits = floatBitsToUint(uintBitsToFloat(distance) * weight) & MAGNITUDE;
  return bits < SMALLEST || bits > INFINITE ? 0u : bits;
}`;

/** What a lane of distances counts as in a selection. */
export const SELECTABLE = `
uint selectable(uint lane) {
  uint bits = lane & MAGNITUDE;
  return bits < SMALLEST ? 0u : bits;
}`;
